namespace Midstream.Roots;

/// <summary>What a module does to be held no longer.</summary>
internal static class Cures
{
    public const string Thread = "Let the thread end, or leave the module's code, in StopAsync.";

    public static string Of(string root) => root.StartsWith("Stack", StringComparison.Ordinal) ? Thread
        : root.StartsWith("GC handle", StringComparison.Ordinal) ? "Free the handle in StopAsync."
        : root.StartsWith("Static", StringComparison.Ordinal) ? "Remove from it in StopAsync what was put into it."
        : root.StartsWith("Thread-static", StringComparison.Ordinal) ? "Set the field to null when its work is done."
        : "It goes with the next collection, unless its finalizer keeps it.";
}
