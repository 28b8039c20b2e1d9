// Commands whole, from their words to their exit code, where nothing has to run for it.

using System.CommandLine;
using System.Diagnostics;
using Midstream.Cli.Commands;
using Midstream.Cli.Operating;
using Midstream.TestKit;

namespace Midstream.Cli.Tests;

public sealed class CommandTests
{
    [Theory]
    [InlineData("bash", "[suggest:${COMP_POINT}]")]
    [InlineData("zsh", "[suggest:${CURSOR}]")]
    public void Completion_OfAShell_AsksTheProgramItself(string shell, string directive)
    {
        var (code, output, _) = Invoke("completion", shell);

        Assert.Equal(0, code);
        Assert.Contains(directive, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_OfBash_IsAScriptThatBashReads()
    {
        var (_, output, _) = Invoke("completion", "bash");
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-n"])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        })!;

        await bash.StandardInput.WriteAsync(output);
        bash.StandardInput.Close();

        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var complaints = await bash.StandardError.ReadToEndAsync(bound.Token);
        await bash.WaitForExitAsync(bound.Token);
        Assert.Equal("", complaints);
        Assert.Equal(0, bash.ExitCode);
    }

    [Theory]
    [InlineData("--timeout is 1 to 60.", "explain", "prices", "--attach", "--timeout", "0")]
    [InlineData("--timeout is 1 to 60.", "explain", "prices", "--attach", "--timeout", "61")]
    [InlineData("'abc'", "explain", "prices", "--attach", "--timeout", "abc")]
    [InlineData("--timeout is 1 to 3600.", "test", "package", "--host", "host", "--timeout", "0")]
    [InlineData("'abc'", "test", "package", "--host", "host", "--timeout", "abc")]
    [InlineData("--lines is 0 to", "logs", "--lines", "-1")]
    public void Number_OutOfRangeOrNone_IsAnErrorThatNamesIt(string complaint, params string[] words) =>
        Assert.Contains(complaint, Assert.Single(Root().Parse(words).Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void Completion_OfAnotherShell_IsAnError() => Assert.NotEmpty(Root().Parse(["completion", "fish"]).Errors);

    [Theory]
    [InlineData("--clients", "busy", "--clients busy: must be kind=value")]
    [InlineData("--clients", "nobody=3", "--clients nobody=3: must be kind=value")]
    [InlineData("--clients", "busy=many", "'many' is not a number of clients")]
    [InlineData("--clients", "busy=-1", "'-1' is not a number of clients")]
    [InlineData("--think", "busy=fast", "'fast' is not a range")]
    [InlineData("--think", "busy=9ms-5ms", "'9ms-5ms' is not a range")]
    [InlineData("--duration", "soon", "--duration soon: not a duration")]
    [InlineData("--duration", "-5s", "not a duration")]
    [InlineData("--timeout", "1d", "--timeout 1d: not a duration")]
    public void Prove_WithAnArgumentItCannotRead_SaysWhichAndRunsNothing(string option, string value, string complaint)
    {
        var (code, output, error) = Invoke("prove", "http://127.0.0.1:1", $"{option}={value}");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public void Prove_WithSeveralWrongArguments_SaysAllAtOnce()
    {
        var (code, _, error) = Invoke("prove", "http://127.0.0.1:1",
            "--duration=soon", "--clients=busy=x,nobody=1", "--timeout=never");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Equal(4, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Prove_OfAnotherMachine_IsRefusedWithoutItsOption()
    {
        var (code, _, error) = Invoke("prove", "http://192.0.2.1:5000", "--duration=1s");

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("--allow-remote", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Canary_ThatNobodyWouldReach_IsRefusedBeforeAnythingIsAsked()
    {
        var refused = Assert.Throws<CommandException>(() => Invoke("canary", "/somewhere"));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("--percent, --header, --cookie or --tenant", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_InAnApplicationWithoutModules_IsRefusedBeforeItIsStarted()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.In("Plain.deps.json"), """{ "libraries": { "Plain/1.0.0": {} } }""");

        var refused = Assert.Throws<CommandException>(() => Invoke("test", folder.Path, "--host", folder.Path));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("hosts no modules", refused.Message, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Invoke(params string[] words)
    {
        using var console = new ConsoleCapture();
        var code = Root().Parse(words).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return (code, console.Output, console.Error);
    }

    private static RootCommand Root() => new()
    {
        ProveCommand.Create(), CompletionCommand.Create(), LogsCommand.Create(),
        ModuleCanaryCommand.Create(), ModuleExplainCommand.Create(), ModuleTestCommand.Create(),
    };
}
