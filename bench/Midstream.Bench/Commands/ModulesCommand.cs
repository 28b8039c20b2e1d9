using System.CommandLine;
using Midstream.Bench.Modules;
using Midstream.Cli.Commands;

namespace Midstream.Bench.Commands;

/// <summary><c>modules</c>: what modules cost, and what is met while they are replaced.</summary>
internal sealed class ModulesCommand
{
    private static readonly ModulesPlan s_standard = new();

    private readonly BenchOptions _shared = new();
    private readonly Option<int> _rounds = Number(
        "--rounds", "Measurements of a slot's cost in process", s_standard.Rounds, 1000);

    private readonly Option<int> _connectionRounds = Number(
        "--connection-rounds", "Measurements of a slot's cost over connections, 1 s each", s_standard.ConnectionRounds, 100);

    private readonly Option<int> _endpoints = Number(
        "--endpoints", "Endpoints in ten other modules", s_standard.Endpoints, 100_000, smallest: 10);

    private readonly Option<int> _endpointRounds = Number(
        "--endpoint-rounds", "Times that their number changes there and back", s_standard.EndpointRounds, 100);

    private readonly Option<int> _timedSwaps = Number(
        "--timed-swaps", "Swaps in each setting of swap-times", s_standard.TimedSwaps, 1000);

    private readonly Option<int> _swaps = Number("--swaps", "Swaps back to back", s_standard.Swaps, 100_000);
    private readonly Option<int> _clients = Number("--clients", "Clients of many-swaps and paced", s_standard.Clients, 1000);
    private readonly Option<int> _seconds = Number("--seconds", "Seconds with one swap each", s_standard.PacedSeconds, 3600);
    private readonly Option<int> _entries = Number("--entries", "Entries of the state", s_standard.Entries, 10_000_000);
    private readonly Option<int> _trips = Number("--trips", "Times that the state goes there and back", s_standard.Trips, 100);
    private readonly Option<string[]> _parts = new("--parts")
    {
        Description = "What to measure",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. ModulesPlan.Parts],
    };

    private readonly Option<bool> _quick = new("--quick") { Description = "As little as possible of each: does it work at all?" };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var self = new ModulesCommand();
        var command = new Command("modules", "Measure what modules cost, and what is met while they are replaced")
        {
            self._parts, self._rounds, self._connectionRounds, self._endpoints, self._endpointRounds, self._timedSwaps,
            self._swaps, self._clients, self._seconds, self._entries, self._trips, self._quick,
        };
        self._parts.AcceptOnlyFromAmong([.. ModulesPlan.Parts]);
        self._shared.AddTo(command);
        command.SetAction((parsed, _) => self.RunAsync(parsed));
        return command;
    }

    private static Option<int> Number(string name, string description, int standard, int largest, int smallest = 1)
    {
        var option = new Option<int>(name)
        {
            Description = $"{description}, {smallest} to {largest}", HelpName = "N", DefaultValueFactory = _ => standard,
        };
        option.Within(smallest, largest);
        return option;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var run = new ModulesRun(PlanOf(parsed), _shared.Artifacts(parsed), text => Console.Error.WriteLine($"bench: {text}"));
        foreach (var part in ModulesPlan.Parts.Where(part => parsed.GetRequiredValue(_parts).Contains(part)))
        {
            var result = await run.RunAsync(part);
            _shared.Report(parsed, kept => kept with { Modules = kept.Modules?.With(result) ?? result });
        }

        return 0;
    }

    private ModulesPlan PlanOf(ParseResult parsed) => parsed.GetValue(_quick) ? ModulesPlan.Quick : s_standard with
    {
        Rounds = parsed.GetValue(_rounds),
        ConnectionRounds = parsed.GetValue(_connectionRounds),
        Endpoints = parsed.GetValue(_endpoints),
        EndpointRounds = parsed.GetValue(_endpointRounds),
        TimedSwaps = parsed.GetValue(_timedSwaps),
        Swaps = parsed.GetValue(_swaps),
        Clients = parsed.GetValue(_clients),
        PacedSeconds = parsed.GetValue(_seconds),
        Entries = parsed.GetValue(_entries),
        Trips = parsed.GetValue(_trips),
    };
}
