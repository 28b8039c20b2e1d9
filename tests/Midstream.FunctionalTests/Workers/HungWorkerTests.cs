// A worker that no longer gives a sign of life is told apart from one that works, told of with its threads, and replaced.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Workers;

public sealed class HungWorkerTests
{
    private const int LongestMs = 2 * 60 * 1000;

    [Theory(Timeout = LongestMs)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Worker_ThatStandsStill_IsReplacedAndItsThreadsAreInTheLog(bool standby)
    {
        await using var crew = await StartAsync(standby);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        var (hung, other) = (InSlot(crew.First, 1), InSlot(crew.First, 2));

        Processes.Signal(hung.Pid, "STOP");
        var after = await crew.Service.WaitForStatusAsync(now => now is { Operation: null, Workers.Count: 2 }
            && InSlot(now, 1).Pid != hung.Pid && now.Workers.All(worker => worker.State == "serving"));

        Assert.Equal(other.Pid, InSlot(after, 2).Pid);
        Assert.False(Processes.IsAlive(hung.Pid));
        Assert.Contains($"{hung.Name} (process {hung.Pid}) hangs", crew.Service.Supervisor.Error, StringComparison.Ordinal);
        var log = (await crew.Service.RunAsync("logs", "--worker", "1", "--lines", "500")).Output;
        Assert.Contains("[hung]", log, StringComparison.Ordinal);
        Assert.Contains("stopped", log, StringComparison.OrdinalIgnoreCase);
        await load.EndWithOneKilledAsync();
    }

    [Fact(Timeout = LongestMs)]
    public async Task Standby_ThatStandsStill_IsReplacedByAnotherAndNobodyNotices()
    {
        await using var crew = await StartAsync(standby: true);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        var standby = Assert.Single(crew.First.Reserve!.Workers);

        Processes.Signal(standby.Pid, "STOP");
        await crew.Service.WaitForStatusAsync(now =>
            now.Reserve is { Workers: [{ State: "waiting" } next] } && next.Pid != standby.Pid);

        Assert.False(Processes.IsAlive(standby.Pid));
        var status = await crew.Service.StatusAsync();
        Assert.Equal(crew.FirstPids, status.Workers.Select(worker => worker.Pid));
        await load.EndWithoutLossAsync();
    }

    private static async Task<Crew> StartAsync(bool standby)
    {
        var crew = await Crew.StartAsync($$"""
            { "probation": { "duration_ms": 50 },
              "workers": { "count": 2, "standby": {{(standby ? "true" : "false")}}, "heartbeat_timeout_ms": 4000 } }
            """);
        if (standby)
            await crew.RefreshAsync(status => status.Reserve is { Workers: [{ State: "waiting" }] });
        return crew;
    }

    private static WorkerStatus InSlot(ServiceStatus status, int slot) =>
        Assert.Single(status.Workers, worker => worker.Slot == slot);
}
