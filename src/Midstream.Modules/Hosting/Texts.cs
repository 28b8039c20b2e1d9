namespace Midstream.Modules.Hosting;

/// <summary>Bounds what a module can make this process say to others.</summary>
internal static class Texts
{
    private const int LengthMax = 400;
    private const int ReasonMax = 8 * 1024;

    public static string Cut(string text) => Cut(text, LengthMax);

    public static string CutReason(string text) => Cut(text, ReasonMax);

    /// <summary>Leaves of a stack trace what the module's author knows.</summary>
    public static string WithoutOwnFrames(string text) => string.Join(
        '\n', text.Split('\n').Where(line => !line.StartsWith("   at Midstream.Modules.", StringComparison.Ordinal)));

    private static string Cut(string text, int length) => text.Length <= length ? text : $"{text[..length]} [...]";
}
