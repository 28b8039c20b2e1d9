// A rule's page: what it shows as bad has to be found, what it shows as the cure must not be.

using System.Text.RegularExpressions;
using Midstream.TestKit;

namespace Midstream.Analyzers.Tests;

internal sealed partial class RulePage(string id, string text)
{
    internal const string Folder = "docs/analyzers";

    internal static IEnumerable<RulePage> All =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, Folder), "MSM*.md").Order(StringComparer.Ordinal)
            .Select(path => new RulePage(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)));

    internal string Id => id;

    internal string Title => text[..text.IndexOf('\n', StringComparison.Ordinal)];

    internal string Text => text;

    internal static RulePage Of(string id) => All.Single(page => page.Id == id);

    /// <summary>Gets the code of a section.</summary>
    internal IReadOnlyList<string> Code(string section)
    {
        var parts = text.Split($"\n## {section}\n");
        Assert.Equal(2, parts.Length);
        return [.. Block().Matches(parts[1].Split("\n## ")[0]).Select(match => match.Groups["code"].Value)];
    }

    [GeneratedRegex(@"```csharp\n(?<code>[\s\S]*?)```")]
    private static partial Regex Block();
}
