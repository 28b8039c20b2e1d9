// That the reference of the command line names every command and option there is, and none that there is not.

using Midstream.RepoTests.Rules;

namespace Midstream.RepoTests;

public sealed class CommandLineReferenceTests
{
    private const string Source = """
        new Argument<string>("folder") { Description = "Not an --option" };
        new Option<bool>("--again") { Description = "Start anew" };
        new("--lines", "-l") { HelpName = "N" };
        new Command("deploy", "Replace what runs") { again };
        """;

    [Fact]
    public void Reference_OfTheRepository_NamesWhatThereIs() => Rule.Holds(CommandLineRules.Differences(Repository.Files));

    [Fact]
    public void Reference_Complete_NothingFound() =>
        Assert.Empty(Differences("## Which service is meant\n## deploy\n`--again`, `--lines`, `-l`\n"));

    [Theory]
    [InlineData("## deploy\n`--again`, `--lines`, `-l`, `--gone`\n", "deploy: --gone is not an option")]
    [InlineData("## deploy\n`--again`, `-l`\n", "deploy: --lines is not named")]
    [InlineData("## deploy\n`--again`, `--lines`\n", "deploy: -l is not named")]
    [InlineData("## stop\n`--again`, `--lines`, `-l`\n", "there is no section 'deploy'")]
    public void Reference_DifferentFromTheSource_Found(string document, string expected) =>
        Assert.Contains($"{CommandLineRules.Reference}: {expected}", Differences(document));

    [Fact]
    public void Reference_OfACommandThatIsGone_Found() =>
        Assert.Equal(
            [$"{CommandLineRules.Reference}: there is no command 'gone'"],
            Differences("## deploy\n`--again`, `--lines`, `-l`\n## gone\n"));

    [Fact]
    public void Reference_WithoutAnySource_Found() =>
        Assert.Single(CommandLineRules.Differences([new RepoFile(CommandLineRules.Reference, "# midstream\n")]));

    private static List<string> Differences(string document) =>
    [
        .. CommandLineRules.Differences(
        [
            new RepoFile(CommandLineRules.Reference, document),
            new RepoFile("src/Midstream.Cli/Commands/DeployCommand.cs", Source),
        ]),
    ];
}
