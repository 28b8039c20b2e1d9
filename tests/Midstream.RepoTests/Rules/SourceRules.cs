// How our source is written.

using System.Text.RegularExpressions;

namespace Midstream.RepoTests.Rules;

internal static partial class SourceRules
{
    private const int MaxLines = 500;
    private const int MaxColumns = 130;

    private static readonly HashSet<string> s_meaninglessFolders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Util", "Utils", "Utilities", "Helper", "Helpers", "Common", "Manager", "Managers", "Misc",
    };

    /// <summary>Finds log calls written by hand: a generated one has an id, a level and names that cannot drift.</summary>
    public static IEnumerable<string> HandWrittenLogging(IEnumerable<RepoFile> files) =>
        CSharp(files).Where(file => file.IsIn("src"))
            .SelectMany(file => RepoFile.Find(file, file.Code, Logging(), "declare a [LoggerMessage] method"));

    /// <summary>Finds printing outside of programs: a library never prints. What Midstream.Roots prints is its result.</summary>
    public static IEnumerable<string> Printing(IEnumerable<RepoFile> files) =>
        CSharp(files).Where(file => file.IsIn("src") && !file.IsIn("src/Midstream.Cli")
                && file.Path != "src/Midstream.Roots/Program.cs")
            .SelectMany(file => RepoFile.Find(file, file.Code, Printing(), "only Midstream.Cli talks to a terminal"));

    /// <summary>Finds files too long to be about one thing.</summary>
    public static IEnumerable<string> LongFiles(IEnumerable<RepoFile> files) =>
        files.Where(file => Path.GetExtension(file.Path) is ".cs" or ".sh")
            .Where(file => file.Text.TrimEnd('\n').Count(c => c == '\n') >= MaxLines)
            .Select(file => $"{file.Path}: more than {MaxLines} lines");

    /// <summary>Finds lines too long to be read beside others.</summary>
    public static IEnumerable<string> LongLines(IEnumerable<RepoFile> files) =>
        CSharp(files).SelectMany(file => file.Lines
            .Select((line, index) => (line, number: index + 1))
            .Where(at => at.line.Length > MaxColumns)
            .Select(at => $"{file.Path}:{at.number}: {at.line.Length} columns, more than {MaxColumns}"));

    /// <summary>Finds folders whose name says nothing of what is in them.</summary>
    public static IEnumerable<string> MeaninglessFolders(IEnumerable<RepoFile> files) =>
        files.Select(file => file.Folder).Distinct()
            .Where(folder => folder.Split('/').Any(s_meaninglessFolders.Contains))
            .Select(folder => $"{folder}: name the concept instead");

    /// <summary>Finds what was left for later.</summary>
    public static IEnumerable<string> Unfinished(IEnumerable<RepoFile> files) =>
        files.Where(file => Path.GetExtension(file.Path) is ".cs" or ".sh" or ".csproj" or ".props" or ".js" or ".py")
            .SelectMany(file => RepoFile.Find(file, file.Text, Unfinished(), "finish it, or open an issue"));

    /// <summary>Finds files of src/ and bench/ that do not begin with the reason they exist.</summary>
    public static IEnumerable<string> WithoutReason(IEnumerable<RepoFile> files) =>
        CSharp(files).Where(file => file.IsIn("src") || file.IsIn("bench"))
            .Where(file => file.Lines.Select(line => line.Trim()).FirstOrDefault(line => !Preamble().IsMatch(line)) is { } first
                && !first.StartsWith("//", StringComparison.Ordinal))
            .Select(file => $"{file.Path}: begin with a comment or summary that says why the file exists");

    private static IEnumerable<RepoFile> CSharp(IEnumerable<RepoFile> files) =>
        files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(")]
    private static partial Regex Logging();

    [GeneratedRegex(@"\bConsole\.\w+")]
    private static partial Regex Printing();

    // A class of one letter each, so that this file is not its own finding.
    [GeneratedRegex(@"\bTO[D]O\b|\bFIX[M]E\b|\bNotImplemented[E]xception\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^$|^(global )?using |^namespace |^\[assembly:|^#")]
    private static partial Regex Preamble();
}
