using System.CommandLine;
using Midstream.Bench.Peers;
using Midstream.Bench.Upgrades;
using Midstream.Cli.Commands;

namespace Midstream.Bench.Commands;

/// <summary><c>upgrades</c>: every peer is upgraded under the same clients, and a table says what these met.</summary>
internal sealed class UpgradesCommand
{
    private const int UpgradesMax = 50;
    private const int QuickUpgrades = 2;

    private readonly BenchOptions _shared = new();
    private readonly Option<string[]> _series = Choice(
        "--series", "The clients, one table each", SeriesPlan.All.Select(plan => plan.Id));
    private readonly Option<string[]> _peers = Choice("--peers", "The systems", PeerCatalog.All.Select(peer => peer.Id));
    private readonly Option<int> _upgrades = new("--upgrades")
    {
        Description = $"Upgrades of each, 1 to {UpgradesMax}", HelpName = "N", DefaultValueFactory = _ => 10,
    };

    private readonly Option<int> _interval = new("--interval-ms")
    {
        Description = "From one upgrade's begin to the next one's, 500 to 60000", HelpName = "N", DefaultValueFactory = _ => 2800,
    };

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = $"{QuickUpgrades} upgrades, one a second: does it work at all? Its figures mean little",
    };

    private UpgradesCommand()
    {
        _upgrades.Within(1, UpgradesMax);
        _interval.Within(500, 60_000);
    }

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var self = new UpgradesCommand();
        var command = new Command("upgrades", "Upgrade every system under the same clients, and count what these lose")
        {
            self._series, self._peers, self._upgrades, self._interval, self._quick,
        };
        self._shared.AddTo(command);
        command.SetAction((parsed, _) => self.RunAsync(parsed));
        return command;
    }

    private static Option<string[]> Choice(string name, string description, IEnumerable<string> all)
    {
        string[] values = [.. all];
        var option = new Option<string[]>(name)
        {
            Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => values,
        };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var peers = PeerCatalog.All.Where(peer => parsed.GetRequiredValue(_peers).Contains(peer.Id)).ToList();
        var complete = true;
        foreach (var plan in SeriesPlan.All.Where(plan => parsed.GetRequiredValue(_series).Contains(plan.Id)))
        {
            var series = await UpgradeSeries.RunAsync(
                PlanOf(plan, parsed), peers, _shared.Artifacts(parsed), text => Console.Error.WriteLine($"bench: {text}"));
            _shared.Report(parsed, run => run.With(series));
            complete &= series.NotMeasured.Count == 0;
        }

        return complete ? 0 : 1;
    }

    private SeriesPlan PlanOf(SeriesPlan plan, ParseResult parsed) => parsed.GetValue(_quick)
        ? plan with { Upgrades = QuickUpgrades, Interval = TimeSpan.FromSeconds(1), WarmUp = TimeSpan.FromMilliseconds(500) }
        : plan with
        {
            Upgrades = parsed.GetValue(_upgrades), Interval = TimeSpan.FromMilliseconds(parsed.GetValue(_interval)),
        };
}
