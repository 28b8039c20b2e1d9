// State goes from process to process: two real ones, clients of both, and the new one killed at each step.

using System.Diagnostics;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Workers;
using Midstream.TestKit;

namespace Midstream.Supervisor.Tests.State;

public sealed class StateHandOverTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan s_freezeMax = TimeSpan.FromSeconds(5);

    private readonly CountingScene _scene = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task HandOver_OfAMillionEntriesUnderLoad_LosesAndDoublesNothing()
    {
        const int Entries = 1_000_000;
        const int Keys = 100;
        var old = await StartFirstAsync();
        using var oldClient = _scene.ClientOf(old);
        await CountingScene.FillAsync(oldClient, Entries);
        var next = await _scene.LaunchAsync();
        using var nextClient = _scene.ClientOf(next);
        using var over = new CancellationTokenSource();
        var onOld = Enumerable.Range(0, 4).Select(seed => CountAsync(oldClient, seed, Keys, over.Token)).ToArray();

        var time = Stopwatch.StartNew();
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        await handOver.BeginAsync(Scene.Patience, CancellationToken.None);
        await next.SaidReady.WaitAsync(Scene.Patience);
        var importedMs = time.ElapsedMilliseconds;
        var onNew = Enumerable.Range(10, 4).Select(seed => CountAsync(nextClient, seed, Keys, over.Token)).ToArray();
        var handedOver = await handOver.TakeChargeAsync();
        var wholeMs = time.ElapsedMilliseconds;
        // Whoever is asked, the next count is one more than the last: nobody sees an old one.
        for (var i = 1; i <= 200; i++)
            Assert.Equal(i, await CountingScene.CountUpAsync(i % 2 == 0 ? oldClient : nextClient, Entries));
        await over.CancelAsync();
        var runs = await Task.WhenAll(onOld.Concat(onNew)).WaitAsync(Scene.Patience);

        var written = runs.Sum(run => run.Written) + 200;
        output.WriteLine(
            $"{Entries:N0} entries, {handOver.Imported!.SizeBytes:N0} bytes: imported in {handOver.Imported.DurationMs} ms, " +
            $"ready after {importedMs} ms, whole {wholeMs} ms, freeze {handedOver!.FreezeMs:0.0} ms with " +
            $"{handedOver.Changes} changes, {written:N0} writes counted, longest request {runs.Max(run => run.LongestMs):0} ms");
        var (count, sum) = await CountingScene.SumOfAsync(nextClient);
        Assert.Equal(Entries + 1, count);
        Assert.Equal(((long)Entries * (Entries - 1) / 2) + written, sum);
    }

    [Fact]
    public async Task Undo_WhenTheNewIsKilledAfterTheImport_LeavesTheOldInCharge()
    {
        var (old, next, oldClient) = await StartPairAsync();
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        await handOver.BeginAsync(Scene.Patience, CancellationToken.None);
        await CountingScene.CountUpAsync(oldClient, 1);

        await next.KillAsync();

        Assert.True(await handOver.UndoAsync());
        Assert.Equal(3, await CountingScene.CountUpAsync(oldClient, 1));
    }

    [Fact]
    public async Task Begin_WhenTheNewIsKilledInTheImport_FailsItAndLeavesTheOldInCharge()
    {
        var (old, next, oldClient) = await StartPairAsync();
        await CountingScene.FillAsync(oldClient, 200_000);
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        var beginning = handOver.BeginAsync(Scene.Patience, CancellationToken.None);

        await next.KillAsync();

        var failed = await Assert.ThrowsAsync<WorkerFailedException>(() => beginning.WaitAsync(Scene.Patience));
        Assert.Equal(DeploymentFailure.WorkerExitedBeforeReady, failed.Failure);
        Assert.Equal(2, await CountingScene.CountUpAsync(oldClient, 1));
    }

    // Else an operator would look for the fault in the new release.
    [Fact]
    public async Task Begin_WhenTheOldStandsStill_SaysThatItIsTheOldThatIsLate()
    {
        var (old, next, oldClient) = await StartPairAsync();
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        Processes.Signal(old.Pid, "STOP");
        var beginning = handOver.BeginAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        await Waiting.UntilAsync(() => old.IsStateInDoubt);
        Processes.Signal(old.Pid, "CONT");

        var failed = await Assert.ThrowsAsync<WorkerFailedException>(() => beginning.WaitAsync(Scene.Patience));
        Assert.Equal(DeploymentFailure.StateNotImported, failed.Failure);
        Assert.Contains($"(process {old.Pid}) had not exported the state", failed.Message, StringComparison.Ordinal);
        Assert.Equal(2, await CountingScene.CountUpAsync(oldClient, 1));
    }

    [Fact]
    public async Task TakeCharge_WhenTheNewIsKilledMeanwhile_EitherSucceedsOrLeavesTheOldInCharge()
    {
        var (old, next, oldClient) = await StartPairAsync();
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        await handOver.BeginAsync(Scene.Patience, CancellationToken.None);
        var taking = handOver.TakeChargeAsync();

        await next.KillAsync();
        try
        {
            await taking.WaitAsync(Scene.Patience);
            Assert.True(await handOver.UndoAsync());
        }
        catch (WorkerFailedException failed)
        {
            Assert.Equal(DeploymentFailure.StateNotHandedOver, failed.Failure);
        }

        Assert.Equal(2, await CountingScene.CountUpAsync(oldClient, 1));
    }

    [Fact]
    public async Task Undo_WhenTheNewIsKilledInCharge_HasTheWritesOfBoth()
    {
        var (old, next, oldClient) = await StartPairAsync();
        using var nextClient = _scene.ClientOf(next);
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        await handOver.BeginAsync(Scene.Patience, CancellationToken.None);
        await next.SaidReady.WaitAsync(Scene.Patience);
        Assert.NotNull(await handOver.TakeChargeAsync());
        Assert.Equal(2, await CountingScene.CountUpAsync(nextClient, 1));
        Assert.Equal(3, await CountingScene.CountUpAsync(oldClient, 1));
        Assert.Equal(4, await CountingScene.CountUpAsync(nextClient, 1));

        await next.KillAsync();

        // Between the two nobody is in charge: a client of the old one waits, and is not refused.
        var waiting = CountingScene.CountUpAsync(oldClient, 1);
        Assert.True(await handOver.UndoAsync());
        Assert.Equal(5, await waiting);
        Assert.Equal(5, await CountingScene.CountOfAsync(oldClient, 1));
    }

    [Fact]
    public async Task TakeCharge_WhenTheOldHasDied_PutsTheNewInChargeOfWhatItHas()
    {
        var (old, next, _) = await StartPairAsync();
        using var nextClient = _scene.ClientOf(next);
        await using var handOver = new StateHandOver(old, next, s_freezeMax);
        await handOver.BeginAsync(Scene.Patience, CancellationToken.None);
        await next.SaidReady.WaitAsync(Scene.Patience);
        await old.KillAsync();

        Assert.Null(await handOver.TakeChargeAsync());

        Assert.Equal(2, await CountingScene.CountUpAsync(nextClient, 1));
    }

    [Theory]
    [InlineData(1, 2, true)]
    [InlineData(2, 1, true)]
    [InlineData(1, 3, false)]
    [InlineData(3, 1, false)]
    public async Task Begin_WithTwoVersions_WorksWhenTheyAreNeighbours(int from, int to, bool works)
    {
        var old = await StartFirstAsync(from);
        using var oldClient = _scene.ClientOf(old);
        await CountingScene.CountUpAsync(oldClient, 1);
        var next = await _scene.LaunchAsync(to);
        await using var handOver = new StateHandOver(old, next, s_freezeMax);

        if (works)
        {
            await handOver.BeginAsync(Scene.Patience, CancellationToken.None);
            Assert.NotNull(await handOver.TakeChargeAsync());
        }
        else
        {
            var failed = await Assert.ThrowsAsync<WorkerFailedException>(
                () => handOver.BeginAsync(Scene.Patience, CancellationToken.None));
            Assert.Equal(DeploymentFailure.StateVersionsDiffer, failed.Failure);
        }

        Assert.Equal(2, await CountingScene.CountUpAsync(oldClient, 1));
    }

    private async Task<Worker> StartFirstAsync(int version = 1)
    {
        var worker = await _scene.LaunchAsync(version);
        await using var nothing = new StateHandOver(old: null, worker, s_freezeMax);
        await nothing.BeginAsync(Scene.Patience, CancellationToken.None);
        await worker.SaidReady.WaitAsync(Scene.Patience);
        return worker;
    }

    private async Task<(Worker Old, Worker Next, HttpClient OldClient)> StartPairAsync()
    {
        var old = await StartFirstAsync();
        var client = _scene.ClientOf(old);
        await CountingScene.CountUpAsync(client, 1);
        return (old, await _scene.LaunchAsync(), client);
    }

    private static async Task<(long Written, double LongestMs)> CountAsync(
        HttpClient client, int seed, int keys, CancellationToken over)
    {
        var random = new Random(seed);
        var (written, longest) = (0L, 0.0);
        while (!over.IsCancellationRequested)
        {
            var time = Stopwatch.StartNew();
            await CountingScene.CountUpAsync(client, random.Next(keys));
            longest = Math.Max(longest, time.Elapsed.TotalMilliseconds);
            written++;
        }

        return (written, longest);
    }
}
