// The singular services of real processes: never in two at once, whoever lives or dies.

using Midstream.Core.Deployments;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.State;

public sealed class LeaseKeeperTests : IAsyncLifetime
{
    private readonly CountingScene _scene = new();
    private readonly LeaseKeeper _keeper = new(TimeSpan.FromSeconds(2));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Move_ToAnotherWorker_StopsThereBeforeItStartsHere()
    {
        var (first, second) = (await StartAsync(), await StartAsync());

        await MoveAsync(first);
        await MoveAsync(second);

        Assert.Equal([$"start {first.Pid}", $"stop {first.Pid}", $"start {second.Pid}"], await BeatsAsync(3));
        Assert.Same(second, _keeper.Holder);
    }

    [Fact]
    public async Task Move_ThereAndBack_StartsAgainInTheSameProcess()
    {
        var (first, second) = (await StartAsync(), await StartAsync());

        await MoveAsync(first);
        await MoveAsync(second);
        await MoveAsync(first);

        Assert.Equal($"start {first.Pid}", (await BeatsAsync(5))[4]);
    }

    [Fact]
    public async Task Move_FromADeadWorker_GrantsAtOnce()
    {
        var (first, second) = (await StartAsync(), await StartAsync());
        await MoveAsync(first);
        await first.KillAsync();

        await MoveAsync(second);

        Assert.Equal([$"start {first.Pid}", $"start {second.Pid}"], await BeatsAsync(2));
    }

    [Fact]
    public async Task Move_FromAWorkerThatDoesNotStop_IsRefusedUntilItIsDead()
    {
        var (first, second) = (await StartAsync(stubborn: true), await StartAsync());
        await MoveAsync(first);

        var refused = await Assert.ThrowsAsync<WorkerFailedException>(() => MoveAsync(second));
        Assert.Equal(DeploymentFailure.LeaseNotReleased, refused.Failure);
        Assert.Contains("Beat", refused.Message, StringComparison.Ordinal);
        Assert.Same(first, _keeper.Holder);
        Assert.Single(await BeatsAsync(1));

        await first.KillAsync();
        await MoveAsync(second);
        Assert.Equal($"start {second.Pid}", (await BeatsAsync(2))[1]);
    }

    [Fact]
    public async Task Start_UnderMidstream_RunsNothingWithoutTheLease()
    {
        var worker = await StartAsync();

        // It has answered a request: whatever starts with the application has started.
        using var client = _scene.ClientOf(worker);
        await CountingScene.CountUpAsync(client, 1);

        Assert.False(File.Exists(_scene.Beats));
    }

    [Fact]
    public async Task Adopt_OfAWorkerThatSaysItHoldsTheLease_MakesItTheHolder()
    {
        var worker = await StartAsync();

        _keeper.Adopt(worker, holdsLease: false);
        Assert.Null(_keeper.Holder);
        _keeper.Adopt(worker, holdsLease: true);

        Assert.Same(worker, _keeper.Holder);
    }

    private Task MoveAsync(Worker to) => _keeper.MoveAsync(to, CancellationToken.None).WaitAsync(Scene.Patience);

    private async Task<Worker> StartAsync(bool stubborn = false)
    {
        var worker = await _scene.LaunchAsync(stubborn: stubborn);
        await using var state = new StateHandOver(old: null, worker, TimeSpan.FromSeconds(1));
        await state.BeginAsync(Scene.Patience, CancellationToken.None);
        await worker.SaidReady.WaitAsync(Scene.Patience);
        return worker;
    }

    // The service writes on a thread of its own, just after the lease is taken.
    private async Task<string[]> BeatsAsync(int count)
    {
        var bound = new CancellationTokenSource(Scene.Patience).Token;
        while (true)
        {
            var beats = File.Exists(_scene.Beats) ? await File.ReadAllLinesAsync(_scene.Beats, bound) : [];
            if (beats.Length >= count)
                return beats;
            await Task.Yield();
        }
    }
}
