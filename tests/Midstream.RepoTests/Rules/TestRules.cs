// How our tests are written, and that every promise has one.

using System.Text.RegularExpressions;

namespace Midstream.RepoTests.Rules;

internal static partial class TestRules
{
    /// <summary>The document whose table promises things.</summary>
    public const string Guarantees = "docs/guarantees.md";

    /// <summary>The functional tests. <c>eng/test.sh</c> runs them folder by folder, and chooses those of a folder by their
    /// namespace.</summary>
    public const string Functional = "tests/Midstream.FunctionalTests";

    /// <summary>Finds waits for a time instead of an event: too short on a slow machine, too long on every other.</summary>
    public static IEnumerable<string> Sleeps(IEnumerable<RepoFile> files) =>
        files.Where(file => file.IsIn("tests") && file.Path.EndsWith(".cs", StringComparison.Ordinal))
            .SelectMany(file => RepoFile.Find(file, file.Code, Sleep(), "await the event"));

    /// <summary>Finds functional tests that no part of a run would have.</summary>
    public static IEnumerable<string> OutsideOfTheirFolder(IEnumerable<RepoFile> files) =>
        files.Where(file => file.IsIn(Functional) && Test().IsMatch(file.Code) && !IsInItsNamespace(file))
            .Select(file => $"{file.Path}: put it into a folder of {Functional}, and into the namespace of that folder");

    private static bool IsInItsNamespace(RepoFile file)
    {
        var folder = file.Folder[Functional.Length..].TrimStart('/');
        return folder.Length > 0 && !folder.Contains('/')
            && file.Code.Contains($"namespace Midstream.FunctionalTests.{folder};", StringComparison.Ordinal);
    }

    /// <summary>Finds guarantees whose test is not named or does not exist. No document, no promise: nothing is found.</summary>
    public static IEnumerable<string> UntestedGuarantees(IReadOnlyList<RepoFile> files)
    {
        if (files.FirstOrDefault(file => file.Path == Guarantees) is not { } document)
            return [];

        var tests = files.Where(file => file.IsIn("tests") && file.Path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => file.Code).ToList();
        var cells = TestCells(document).ToList();
        return cells.Count == 0
            ? [$"{Guarantees}: no table with a column Test"]
            : cells.SelectMany(cell => Missing(cell, tests));
    }

    private static IEnumerable<string> Missing((int Line, string Cell) at, List<string> tests)
    {
        var names = TestName().Matches(at.Cell);
        if (names.Count == 0)
            yield return $"{Guarantees}:{at.Line}: a guarantee without a test";

        foreach (Match name in names)
        {
            if (!tests.Exists(code => Declares(code, name.Groups["class"].Value, name.Groups["method"].Value)))
                yield return $"{Guarantees}:{at.Line}: there is no test {name.Value}";
        }
    }

    private static bool Declares(string code, string type, string method) =>
        Regex.IsMatch(code, $@"\bclass {type}\b") && Regex.IsMatch(code, $@"^\s+public .*\b{method}\(", RegexOptions.Multiline);

    // The cells below a heading "Test", in every table of the document.
    private static IEnumerable<(int Line, string Cell)> TestCells(RepoFile document)
    {
        var column = -1;
        foreach (var (line, index) in document.Lines.Select((line, index) => (line, index)))
        {
            var cells = line.TrimStart().StartsWith('|') ? line.Trim().Trim('|').Split('|') : [];
            if (cells.Length == 0)
                column = -1;
            else if (column < 0)
                column = Array.FindIndex(cells, cell => cell.Trim() == "Test");
            else if (!cells.All(cell => cell.Trim().Trim('-', ':').Length == 0))
                yield return (index + 1, column < cells.Length ? cells[column] : "");
        }
    }

    [GeneratedRegex(@"\[(Fact|Theory)\b")]
    private static partial Regex Test();

    [GeneratedRegex(@"Thread\.Sleep\([^)]*\)?|Task\.Delay\(\s*(\d|TimeSpan\.From\w+\(\s*\d)[^)]*\)?")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\b(?<class>[A-Z]\w*)\.(?<method>[A-Z]\w*_\w+)\b")]
    private static partial Regex TestName();
}
