// The exit code of every answer, and where its text goes.

using Midstream.Cli.Operating;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Tests;

public sealed class ResultPrinterTests
{
    public static TheoryData<string, string?, int> Results => new()
    {
        { Outcomes.Committed, "0123456789ab", 0 },
        { Outcomes.Unchanged, "0123456789ab", 0 },
        { Outcomes.Stopped, null, 0 },
        { Outcomes.Failed, "0123456789ab", 1 },
        { Outcomes.RolledBack, "0123456789ab", 5 },
        { Outcomes.Failed, null, 6 },
        { Outcomes.Cancelled, "0123456789ab", 130 },
        { Outcomes.Cancelled, null, 130 },
        { "since-2030", "0123456789ab", 1 },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public void Print_OfAResult_HasItsExitCode(string outcome, string? release, int code)
    {
        using var console = new ConsoleCapture();

        Assert.Equal(code, Printer(json: false).Print(new ResultEvent(outcome, release, 7)));
        Assert.StartsWith($"{outcome}: ", console.Output, StringComparison.Ordinal);
        Assert.Equal(code, Printer(json: true).Print(new ResultEvent(outcome, release, 7)));
    }

    [Theory]
    [InlineData(Refusals.Busy, 4)]
    [InlineData(Refusals.Stopping, 4)]
    [InlineData(Refusals.BadRequest, 2)]
    [InlineData(Refusals.NotAllowed, 2)]
    [InlineData(Refusals.Protocol, 2)]
    public void Print_OfARefusal_HasItsExitCodeAndSaysWhyOnStandardError(string refusal, int code)
    {
        using var console = new ConsoleCapture();

        Assert.Equal(code, Printer(json: false).Print(new RefusedEvent(refusal, "Not now.")));

        Assert.Equal("midstream: Not now.\n", console.Error);
        Assert.Empty(console.Output);
    }

    [Fact]
    public void Print_AsJson_IsTheAnswerOnOneLine()
    {
        using var console = new ConsoleCapture();
        var answer = new ResultEvent(Outcomes.Committed, "0123456789ab", 7, ElapsedMs: 12);

        Printer(json: true).Print(answer);

        Assert.Equal(OperatorProtocol.ToLine(answer) + "\n", console.Output);
        Assert.Empty(console.Error);
    }

    [Fact]
    public void Print_OfAFailure_ShowsTheLastLinesWithoutTheirControlCharacters()
    {
        using var console = new ConsoleCapture();

        Printer(json: false).Print(
            new ResultEvent(Outcomes.Failed, "0123456789ab", 7, "It \e[31mexited.", LastLines: ["a\e]0;title\ab"]));

        Assert.DoesNotContain('\e', console.Error);
        Assert.DoesNotContain('\a', console.Error);
        Assert.Contains("midstream: It ", console.Error, StringComparison.Ordinal);
    }

    private static ResultPrinter Printer(bool json) => new(json, new Paint(false));
}
