// One file that a rule looks at. A rule never touches the disk, so a test can show it a bad example.

using System.Text.RegularExpressions;

namespace Midstream.RepoTests;

/// <summary>Holds a text file of the repository.</summary>
/// <param name="Path">Its path from the root, with forward slashes.</param>
/// <param name="Text">What it says.</param>
/// <param name="IsExecutable">Whether it may be run.</param>
internal sealed partial record RepoFile(string Path, string Text, bool IsExecutable = false)
{
    private static readonly HashSet<string> s_textExtensions =
        [".cs", ".csproj", ".props", ".targets", ".slnx", ".md", ".sh", ".json", ".js", ".py", ".config", ".yml", ".txt", ""];

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string Folder => Path[..Math.Max(0, Path.LastIndexOf('/'))];

    public string[] Lines => Text.Split('\n');

    /// <summary>Gets the text with its comments and literals blanked out, line for line.</summary>
    public string Code => NotCode().Replace(Text, match => Blank().Replace(match.Value, " "));

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public static bool IsText(FileInfo file) => s_textExtensions.Contains(file.Extension);

    public static RepoFile Load(string root, FileInfo file) => new(
        System.IO.Path.GetRelativePath(root, file.FullName),
        File.ReadAllText(file.FullName),
        (File.GetUnixFileMode(file.FullName) & UnixFileMode.UserExecute) != 0);

    /// <summary>Finds a pattern and says where.</summary>
    public static IEnumerable<string> Find(RepoFile file, string text, Regex pattern, string why) =>
        pattern.Matches(text).Select(match => $"{file.Path}:{1 + text.AsSpan(0, match.Index).Count('\n')}: {match.Value}: {why}");

    // In this order: a raw string, a verbatim string, a string, a character, a comment to the end of the line, a comment.
    [GeneratedRegex(""""
        ("{3,})[\s\S]*?\1|@\$?"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*|/\*[\s\S]*?\*/
        """")]
    private static partial Regex NotCode();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex Blank();
}
