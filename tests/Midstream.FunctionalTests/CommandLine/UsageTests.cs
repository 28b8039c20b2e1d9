using Midstream.TestKit;

namespace Midstream.FunctionalTests.CommandLine;

/// <summary>What every command has in common: its help, and what it says to a command line that is wrong.</summary>
public sealed class UsageTests
{
    public static TheoryData<string> Commands =>
        ["run", "deploy", "status", "rollback", "releases", "stop", "logs", "prove", "completion", "version",
        "scale", "reload", "pause", "resume", "upgrade", "prepare", "reopen-logs", "install-unit", "watch"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_OfCommand_DescribesItAndEveryOption(string command)
    {
        var help = await RunAsync(command, "--help");

        Assert.Equal(0, help.ExitCode);
        Assert.Contains($"midstream {command}", help.Output, StringComparison.Ordinal);
        Assert.Empty(help.Error);
        // An option's line says what it is for.
        var options = help.Output.Split('\n').Where(line => line.StartsWith("  -", StringComparison.Ordinal));
        Assert.All(options, line => Assert.Matches(@"^  \S.*?  +\S", line));
        Assert.Contains(command, (await RunAsync("--help")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task UnknownOption_OfCommand_IsRefused(string command)
    {
        var program = await RunAsync(command, "--no-such-option");

        Assert.Equal(2, program.ExitCode);
        Assert.Contains("--no-such-option", program.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-command")]
    [InlineData("deploy")]
    [InlineData("")]
    public async Task IncompleteCommandLine_OfProgram_IsRefused(string arguments)
    {
        var program = await RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, program.ExitCode);
        Assert.NotEmpty(program.Error);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("stop")]
    [InlineData("releases")]
    [InlineData("rollback")]
    [InlineData("logs")]
    [InlineData("deploy", "/")]
    public async Task Command_WhereNoServiceIs_SaysSo(params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var program = await RunAsync([.. arguments, "--state", folder.Path]);

        Assert.Equal(3, program.ExitCode);
        Assert.Contains($"There is no service under {folder.Path}", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_WhereSeveralServicesAre_AsksForTheName()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "one", "two" })
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder.In(name)).FullName, "state.json"), "{}");

        var several = await RunAsync("status", "--state", folder.Path);
        var unknown = await RunAsync("status", "--state", folder.Path, "--name", "three");

        Assert.Equal(2, several.ExitCode);
        Assert.Contains("one, two. Say which with --name", several.Error, StringComparison.Ordinal);
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("one, two", unknown.Error, StringComparison.Ordinal);
    }

    private static Task<ProgramResult> RunAsync(params string[] arguments) =>
        RunningProgram.RunAsync(Repository.Program, arguments);
}
