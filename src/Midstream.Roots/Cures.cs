namespace Midstream.Roots;

/// <summary>What a module does to be held no longer.</summary>
internal static class Cures
{
    public const string Thread = "Let the thread end, or leave the module's code, in StopAsync.";

    public const string NothingHolds = "Nothing holds it: it goes with one of the next collections.";

    // Fixed in .NET 11, says ClrMD of EnumerateAdditionalRoots.
    public const string NotListed =
        "No stack and no static field holds it. Left are GC handles: the runtime does not list all of them to debuggers while " +
        "the server's garbage collector adapts its heaps. With DOTNET_GCDynamicAdaptationMode=0 in the worker's environment it " +
        "does.";

    public static string Of(string root) => root.StartsWith("Stack", StringComparison.Ordinal) ? Thread
        : root.StartsWith("GC handle", StringComparison.Ordinal) ? "Free the handle in StopAsync."
        : root.StartsWith("Static", StringComparison.Ordinal) ? "Remove from it in StopAsync what was put into it."
        : root.StartsWith("Thread-static", StringComparison.Ordinal) ? "Set the field to null when its work is done."
        : "It goes with the next collection, unless its finalizer keeps it.";
}
