using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Operating;

/// <summary>Prints the last answer to an operation and turns it into an exit code.</summary>
/// <param name="json">True to print the answer itself, as JSON on one line.</param>
/// <param name="paint">The colours.</param>
internal sealed class ResultPrinter(bool json, Paint paint)
{
    /// <summary>Prints an answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>The exit code.</returns>
    public int Print(OperatorEvent answer)
    {
        if (json)
            Console.Out.WriteLine(OperatorProtocol.ToLine(answer));
        else if (answer is RefusedEvent refused)
            Console.Error.WriteLine($"midstream: {Printable.Of(refused.Reason)}");
        else if (answer is ResultEvent result)
            PrintResult(result);
        return ExitCodeOf(answer);
    }

    private static int ExitCodeOf(OperatorEvent answer) => answer switch
    {
        RefusedEvent { Code: Refusals.Busy or Refusals.Stopping } => ExitCodes.Busy,
        RefusedEvent => ExitCodes.Usage,
        ResultEvent { Outcome: var outcome } when IsGood(outcome) => ExitCodes.Success,
        ResultEvent { Outcome: Outcomes.RolledBack } => ExitCodes.RolledBack,
        ResultEvent { Outcome: Outcomes.Cancelled } => ExitCodes.Cancelled,
        ResultEvent { Release: null } => ExitCodes.Down,
        _ => ExitCodes.Failed,
    };

    private void PrintResult(ResultEvent result)
    {
        foreach (var line in result.LastLines ?? [])
            Console.Error.WriteLine($"  {paint.Dim("|")} {Printable.Of(line)}");
        if (result.Reason is { } reason)
            Console.Error.WriteLine($"midstream: {Printable.Of(reason)}");

        var serving = result.Release is null ? "nothing serves" : $"release {result.Release} (generation " +
            $"{result.Generation}) serves";
        Console.Out.WriteLine($"{Colour(result.Outcome)}: {serving}{Times(result)}{Connections(result)}");
        if (result.Modules is { } modules)
            ModulePrinter.Changes(modules, paint);
    }

    private static bool IsGood(string outcome) =>
        outcome is Outcomes.Committed or Outcomes.Prepared or Outcomes.Unchanged or Outcomes.Stopped;

    private string Colour(string outcome) => IsGood(outcome) ? paint.Good(outcome) : paint.Bad(outcome);

    private static string Times(ResultEvent result) =>
        result.ReplacedInMs is { } replaced ? $"; replaced in {replaced} ms, {result.ElapsedMs} ms in all" : "";

    private static string Connections(ResultEvent result) => result.Connections is not { } rungs ? ""
        : $"\n  connections: {rungs.Moved} moved ({rungs.MovedBusy} after a request), " +
          $"{rungs.Announced} ended as announced, {rungs.HalfClosed} half-closed, " +
          $"{rungs.ClosedByPeer} closed by the client, {rungs.ClosedAtDeadline} closed at the deadline";
}
