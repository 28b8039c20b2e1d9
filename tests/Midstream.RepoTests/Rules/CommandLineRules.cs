// The reference of the command line is written by hand; its names are compared with those in the sources.

using System.Text.RegularExpressions;

namespace Midstream.RepoTests.Rules;

internal static partial class CommandLineRules
{
    /// <summary>The document that describes every command.</summary>
    public const string Reference = "docs/reference/cli.md";

    private const string Commands = "src/Midstream.Cli/Commands";
    private const string SharedSource = "src/Midstream.Cli/Operating";
    private const string UsesServiceOptions = "new ServiceOptions()";
    private const string UsesJsonOption = "OperationCommand.JsonOption()";

    // What the document says of all commands, and what System.CommandLine adds to each.
    private static readonly HashSet<string> s_otherSections = ["Which service is meant", "Exit codes"];

    /// <summary>Finds commands and options that only the sources or only the document name.</summary>
    public static IEnumerable<string> Differences(IReadOnlyList<RepoFile> files)
    {
        var sections = SectionsOf(files.Single(file => file.Path == Reference).Text);
        var commands = files.Where(file => file.IsIn(Commands) && NameIn(file) is not null)
            .ToDictionary(file => NameIn(file)!, file => OptionsIn(file.Text));

        if (commands.Count == 0)
            return [$"{Reference}: no command was found in {Commands}"];
        return commands.SelectMany(command => Differences(command.Key, command.Value, sections))
            .Concat(sections.Keys.Except(commands.Keys).Select(name => $"{Reference}: there is no command '{name}'"))
            .Concat(SharedDifferences(files));
    }

    private static IEnumerable<string> Differences(string command, HashSet<string> options, Dictionary<string, string> sections)
    {
        if (!sections.TryGetValue(command, out var text))
            return [$"{Reference}: there is no section '{command}'"];
        var named = NamesIn(text);
        return options.Except(named).Select(option => $"{Reference}: {command}: {option} is not named")
            .Concat(named.Except(options).Select(option => $"{Reference}: {command}: {option} is not an option"));
    }

    // Options that several commands share are made in another folder, and their short forms described once.
    private static IEnumerable<string> SharedDifferences(IReadOnlyList<RepoFile> files)
    {
        var document = NamesIn(files.Single(file => file.Path == Reference).Text);
        return files.Where(file => file.IsIn(SharedSource)).SelectMany(file => Declared(file.Text)).Except(document)
            .Select(option => $"{Reference}: {option} is not named");
    }

    // A command below another is in a file of its own, named after both.
    private static string? NameIn(RepoFile file) =>
        Command().Match(file.Text) is not { Success: true } found ? null
            : file.Name.StartsWith("Module", StringComparison.Ordinal) && found.Groups["name"].Value is not "module" and var name
                ? $"module {name}" : found.Groups["name"].Value;

    private static HashSet<string> OptionsIn(string source)
    {
        var options = Declared(source).ToHashSet();
        if (source.Contains(UsesServiceOptions, StringComparison.Ordinal) || ServiceOptionsField().IsMatch(source))
            options.UnionWith(["--name", "--state"]);
        if (source.Contains(UsesJsonOption, StringComparison.Ordinal))
            options.Add("--json");
        return options;
    }

    private static IEnumerable<string> Declared(string source) =>
        Declaration().Matches(source).SelectMany(found => found.Groups["name"].Captures).Select(name => name.Value);

    private static HashSet<string> NamesIn(string text) => [.. Named().Matches(text).Select(found => found.Groups["name"].Value)];

    private static Dictionary<string, string> SectionsOf(string document) =>
        Section().Matches(document).Where(found => !s_otherSections.Contains(found.Groups["title"].Value))
            .ToDictionary(found => found.Groups["title"].Value, found => found.Groups["text"].Value);

    [GeneratedRegex("""new Command\("(?<name>[a-z-]+)",""")]
    private static partial Regex Command();

    // new Option<...>("--config", "-c"), new("--json"), Text("--path", "what it is"): names are the arguments that begin with -.
    [GeneratedRegex("""\("(?<name>--[a-z-]+)"(\s*,\s*"(?<name>-[a-z])")?""")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"ServiceOptions _\w+ = new\(\)")]
    private static partial Regex ServiceOptionsField();

    [GeneratedRegex(@"`(?<name>--?[a-z][a-z-]*)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"^## (?<title>[^\n]+)\n(?<text>[\s\S]*?)(?=^## |\z)", RegexOptions.Multiline)]
    private static partial Regex Section();
}
