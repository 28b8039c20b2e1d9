using System.CommandLine;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Operating;

/// <summary>What <c>deploy</c>, <c>rollback</c> and <c>stop</c> have in common: a request, phases, a result, an exit
/// code.</summary>
internal static class OperationCommand
{
    /// <summary>Asks the supervisor, shows the phases, prints the result.</summary>
    /// <param name="service">The options that say which service is meant.</param>
    /// <param name="json">The option for JSON.</param>
    /// <param name="parsed">The command line.</param>
    /// <param name="request">The request.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ServiceOptions service, Option<bool> json, ParseResult parsed, OperatorRequest request)
    {
        var asJson = parsed.GetValue(json);
        var display = new PhaseDisplay(!Console.IsErrorRedirected, Paint.ForStandardError());
        var answer = Conversation.AskAsync(service.Find(parsed), request, phase =>
        {
            if (asJson)
                Console.Error.WriteLine(OperatorProtocol.ToLine(phase));
            else
                display.Show(phase);
        }).GetAwaiter().GetResult();

        if (answer is ResultEvent { Failure: null, Outcome: not Outcomes.RolledBack } done)
            display.Finish(done.ElapsedMs);
        else
            display.Fail((answer as ResultEvent)?.ElapsedMs ?? 0);
        return new ResultPrinter(asJson, Paint.ForStandardOutput()).Print(answer);
    }

    /// <summary>Makes the option that every command has.</summary>
    /// <returns>The option.</returns>
    public static Option<bool> JsonOption() => new("--json") { Description = "Print the answer as JSON" };
}
