// What a document names must be there.

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Midstream.RepoTests.Rules;

internal static partial class DocumentRules
{
    /// <summary>Where the version of every package is.</summary>
    public const string Packages = "Directory.Packages.props";

    /// <summary>Where the reason for every package is.</summary>
    public const string Reasons = "docs/dependencies.md";

    /// <summary>Finds relative links that lead nowhere.</summary>
    public static IEnumerable<string> DeadLinks(IEnumerable<RepoFile> files, Func<string, bool> exists) =>
        from document in Documents(files)
        from Match link in Link().Matches(WithoutCode(document.Text))
        let target = link.Groups["target"].Value.Split('#')[0]
        where target.Length > 0 && !Scheme().IsMatch(target) && !exists(Resolve(document, target))
        select $"{document.Path}: the link to {target} leads nowhere";

    /// <summary>Finds commands of eng/ that a document tells people to run and they cannot.</summary>
    public static IEnumerable<string> MissingCommands(IReadOnlyList<RepoFile> files) =>
        from document in Documents(files)
        from Match command in Command().Matches(document.Text)
        where !files.Any(file => file.Path == command.Groups["path"].Value && file.IsExecutable)
        select $"{document.Path}: {command.Groups["path"].Value} is not there or not executable";

    /// <summary>Finds packages without a reason and reasons without a package.</summary>
    public static IEnumerable<string> UnexplainedPackages(IReadOnlyList<RepoFile> files)
    {
        var packages = XDocument.Parse(TextOf(files, Packages)).Descendants("PackageVersion")
            .Select(package => (string)package.Attribute("Include")!).ToHashSet();
        var reasons = Reason().Matches(TextOf(files, Reasons)).Select(row => row.Groups["package"].Value).ToHashSet();

        return packages.Except(reasons).Select(package => $"{Reasons}: {package} has no line")
            .Concat(reasons.Except(packages).Select(package => $"{Reasons}: {package} is not in {Packages}"));
    }

    private static IEnumerable<RepoFile> Documents(IEnumerable<RepoFile> files) =>
        files.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal));

    private static string TextOf(IReadOnlyList<RepoFile> files, string path) => files.Single(file => file.Path == path).Text;

    private static string Resolve(RepoFile document, string target)
    {
        var path = target.StartsWith('/') ? target : $"/{document.Folder}/{target}";
        return Path.GetFullPath(path).TrimStart('/');
    }

    private static string WithoutCode(string text) => CodeBlock().Replace(text, "");

    [GeneratedRegex(@"\]\(\s*<?(?<target>[^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(?<target>\S+)", RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*:", RegexOptions.IgnoreCase)]
    private static partial Regex Scheme();

    [GeneratedRegex(@"(?<![\w/-])(\./)?(?<path>eng/[\w.-]*\w)")]
    private static partial Regex Command();

    // A row of a table whose first cell is a name in code type.
    [GeneratedRegex(@"^\| *`(?<package>[^`]+)` *\|", RegexOptions.Multiline)]
    private static partial Regex Reason();

    // Fenced, then inline: a link in an example is an example.
    [GeneratedRegex(@"^```[\s\S]*?^```|`[^`\n]+`", RegexOptions.Multiline)]
    private static partial Regex CodeBlock();
}
