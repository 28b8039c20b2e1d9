// How `run` reads FOLDER, -- and COMMAND, which the parser's library fills from the left wherever the dashes stand.

using System.CommandLine;
using System.Runtime.CompilerServices;
using Midstream.Cli.Commands;
using Midstream.Cli.Operating;

namespace Midstream.Cli.Tests;

public sealed class RunCommandTests
{
    [Theory]
    [InlineData("", null, null)]
    [InlineData("--", null, null)]
    [InlineData("app", "app", null)]
    [InlineData("app --", "app", null)]
    [InlineData("-- node", null, "node")]
    [InlineData("-- node server.js", null, "node server.js")]
    [InlineData("-- node --listen x -l y", null, "node --listen x -l y")]
    [InlineData("-- node -- --", null, "node -- --")]
    [InlineData("app -- node", "app", "node")]
    [InlineData("app -- node server.js --json", "app", "node server.js --json")]
    [InlineData("app -- app", "app", "app")]
    [InlineData("app -- @args", "app", "@args")]
    [InlineData("--listen http://127.0.0.1:0 app --json -- node x", "app", "node x")]
    [InlineData("app --listen http://127.0.0.1:0 -- node", "app", "node")]
    [InlineData("--listen http://127.0.0.1:0 -- node", null, "node")]
    [InlineData("--name web --state s -- node", null, "node")]
    public void Parse_OfFolderAndCommand_TellsThemApart(string line, string? folder, string? command)
    {
        var (self, parsed) = Parse(line);

        Assert.Empty(parsed.Errors);
        Assert.Equal(folder, FolderIn(self, parsed));
        Assert.Equal(command?.Split(' '), CommandIn(self, parsed));
    }

    [Theory]
    [InlineData("app node", "node", "midstream run FOLDER -- node")]
    [InlineData("app node server.js", "node", "midstream run FOLDER -- node server.js")]
    public void Run_WithTooManyWords_SaysHowItIsMeant(string line, string word, string advice)
    {
        var refused = Assert.Throws<CommandException>(() => Invoke(line));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains($"'{word}' is one word too many", refused.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithAConfigurationThatIsNotThere_SaysSo()
    {
        var refused = Assert.Throws<CommandException>(() => Invoke("--config /nowhere/midstream.json app"));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("/nowhere/midstream.json", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_WithAnAddressThatIsNone_SaysSo()
    {
        var refused = Assert.Throws<CommandException>(() => Invoke("app --listen nonsense"));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("nonsense", refused.Message, StringComparison.Ordinal);
    }

    private static void Invoke(string line) => new RootCommand { RunCommand.Create() }
        .Parse(["run", .. Words(line)]).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    // The command as it is created, and the object that reads it, which only its action knows.
    private static (RunCommand Self, ParseResult Parsed) Parse(string line)
    {
        var self = Construct();
        var service = new ServiceOptions();
        var command = new Command("run") { Folder(self), CommandWords(self), Config(self), Listen(self), Json(self) };
        service.AddTo(command);
        return (self, new RootCommand { command }.Parse(["run", .. Words(line)]));
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern RunCommand Construct();

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_folder")]
    private static extern ref Argument<string?> Folder(RunCommand self);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_command")]
    private static extern ref Argument<string[]> CommandWords(RunCommand self);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_config")]
    private static extern ref Option<string?> Config(RunCommand self);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_listen")]
    private static extern ref Option<string[]> Listen(RunCommand self);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_json")]
    private static extern ref Option<bool> Json(RunCommand self);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "FolderIn")]
    private static extern string? FolderIn(RunCommand self, ParseResult parsed);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CommandIn")]
    private static extern IReadOnlyList<string>? CommandIn(RunCommand self, ParseResult parsed);
}
