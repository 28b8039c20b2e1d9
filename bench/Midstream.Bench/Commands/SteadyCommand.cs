using System.CommandLine;
using Midstream.Bench.Steady;
using Midstream.Cli.Commands;

namespace Midstream.Bench.Commands;

/// <summary><c>steady</c>: the same program under Midstream and as plain Kestrel, while nothing is replaced.</summary>
internal sealed class SteadyCommand
{
    private readonly BenchOptions _shared = new();
    private readonly Option<int> _starts = Number("--starts", "Starts of both servers", new SteadyPlan().Starts);
    private readonly Option<int> _rounds = Number("--rounds", "Measurements of each row in one start", new SteadyPlan().Rounds);
    private readonly Option<int> _seconds = Number("--seconds", "Length of one measurement", 2);
    private readonly Option<string[]> _exchanges = new("--exchanges")
    {
        Description = "Paths of the exchanges to measure",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. SteadyPlan.Exchanges.Select(exchange => exchange.Path)],
    };

    private readonly Option<bool> _quick = new("--quick") { Description = "One start, one round of 1 s: does it work at all?" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var self = new SteadyCommand();
        var command = new Command("steady", "Compare throughput and latency with plain Kestrel while nothing is replaced")
        {
            self._starts, self._rounds, self._seconds, self._exchanges, self._quick,
        };
        self._exchanges.AcceptOnlyFromAmong([.. SteadyPlan.Exchanges.Select(exchange => exchange.Path)]);
        self._shared.AddTo(command);
        command.SetAction((parsed, _) => self.RunAsync(parsed));
        return command;
    }

    private static Option<int> Number(string name, string description, int standard)
    {
        const int Max = 60;
        var option = new Option<int>(name)
        {
            Description = $"{description}, 1 to {Max}", HelpName = "N", DefaultValueFactory = _ => standard,
        };
        option.Within(1, Max);
        return option;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var run = new SteadyRun(PlanOf(parsed), _shared.Artifacts(parsed), text => Console.Error.WriteLine($"bench: {text}"));
        var result = await run.RunAsync();
        _shared.Report(parsed, kept => kept with { Steady = kept.Steady?.With(result) ?? result });
        return 0;
    }

    private SteadyPlan PlanOf(ParseResult parsed)
    {
        var paths = parsed.GetRequiredValue(_exchanges);
        var plan = new SteadyPlan { Chosen = [.. SteadyPlan.Exchanges.Where(exchange => paths.Contains(exchange.Path))] };
        return parsed.GetValue(_quick)
            ? plan with { Starts = 1, Rounds = 1, Time = TimeSpan.FromSeconds(1) }
            : plan with
            {
                Starts = parsed.GetValue(_starts),
                Rounds = parsed.GetValue(_rounds),
                Time = TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
            };
    }
}
