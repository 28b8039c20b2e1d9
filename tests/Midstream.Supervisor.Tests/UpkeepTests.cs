// The watch over the workers, with real processes that are really killed.

using Midstream.Control.Operators;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.State;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests;

public sealed class UpkeepTests : IAsyncLifetime
{
    private readonly Scene _scene = new();
    private readonly OperationSlot _slot = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceSituation _situation;
    private readonly SemaphoreSlim _restarted = new(0);
    private Task _watching = Task.CompletedTask;
    private long _generation = 1;

    public UpkeepTests() =>
        _situation = new ServiceSituation(new StateFile(_scene.In("state.json")), ServiceState.Initial("tested"));

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching.WaitAsync(Scene.Patience);
        await _scene.DisposeAsync();
        _stopping.Dispose();
        _restarted.Dispose();
    }

    [Fact]
    public async Task Run_WhenTheServingGenerationDies_StartsItAgain()
    {
        var watch = Watch(TimeSpan.FromMilliseconds(1), crashesMax: 10);
        for (var crash = 1; crash <= 3; crash++)
        {
            Kill(_situation.Pool.In(1)!);
            Assert.True(await _restarted.WaitAsync(Scene.Patience));
            Assert.Equal(crash + 1, _situation.Pool.In(1)!.Generation);
        }

        await _slot.IsFreeAsync();
        Assert.Equal(3, watch.Restarts);
        Assert.Contains(_scene.Observer.Events, what => what.Name == "WorkerDied");
    }

    [Fact]
    public async Task Run_WhenItDiesTooOften_GivesUpAndSaysWhatToDoUntilAnotherServes()
    {
        Watch(TimeSpan.FromMilliseconds(1), crashesMax: 2);
        Kill(_situation.Pool.In(1)!);
        Assert.True(await _restarted.WaitAsync(Scene.Patience));
        await _slot.IsFreeAsync();

        Kill(_situation.Pool.In(1)!);
        var error = await _scene.Observer.Error.WaitAsync(Scene.Patience);

        Assert.Equal("CrashLoop", error.Name);
        Assert.Equal(error.Text, _situation.Problem);
        Assert.Equal(2, _situation.Pool.In(1)!.Generation);

        // A deployment that works wipes the slate.
        _situation.Pool.Put(_scene.Launch(++_generation));
        Kill(_situation.Pool.In(1)!);
        Assert.True(await _restarted.WaitAsync(Scene.Patience));
    }

    [Fact]
    public async Task Run_WithARestartThatWaits_GivesWayToADeployment()
    {
        Watch(TimeSpan.FromHours(1), crashesMax: 10);
        Kill(_situation.Pool.In(1)!);
        await _slot.IsTakenAsync();
        using var deploy = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);

        Assert.Null(await _slot.TryBeginAsync(deploy).WaitAsync(Scene.Patience));

        Assert.Equal(0, _restarted.CurrentCount);
        _situation.Pool.Put(_scene.Launch(++_generation));
        _slot.End(deploy);
    }

    [Fact]
    public async Task Run_WhenItDiesDuringAnOperation_LeavesItToTheOperation()
    {
        Watch(TimeSpan.FromMilliseconds(1), crashesMax: 10);
        using var deploy = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        await _slot.TryBeginAsync(deploy);
        var dead = _situation.Pool.In(1)!;
        Kill(dead);
        await dead.Exited.WaitAsync(Scene.Patience);

        _situation.Pool.Put(_scene.Launch(++_generation));
        _slot.End(deploy);
        Kill(_situation.Pool.In(1)!);

        Assert.True(await _restarted.WaitAsync(Scene.Patience));
        Assert.Single(_scene.Observer.Events, what => what.Name == "WorkerDied");
    }

    [Fact]
    public async Task Run_WhenARestartFails_TriesAgainAndThenGivesUp()
    {
        var tries = 0;
        Watch(TimeSpan.FromMilliseconds(1), crashesMax: 3, (_, _, _) =>
        {
            tries++;
            return Task.FromResult(new ResultEvent(Outcomes.Failed, Reason: "Not this time."));
        });

        Kill(_situation.Pool.In(1)!);
        await _scene.Observer.Error.WaitAsync(Scene.Patience);
        await Waiting.UntilAsync(() => _situation.Problem is not null);

        Assert.Equal(2, tries);
        Assert.Contains(_scene.Observer.Events, what => what is { Name: "RestartFailed", Text: "Not this time." });
    }

    [Fact]
    public async Task Run_WithAStandby_DoesNotWaitBeforeTheRestart()
    {
        Watch(TimeSpan.FromHours(1), crashesMax: 10, standbys: 1);

        Kill(_situation.Pool.In(1)!);

        Assert.True(await _restarted.WaitAsync(Scene.Patience));
    }

    private Upkeep Watch(
        TimeSpan delay, int crashesMax, Func<IReadOnlyList<int>, Operation, CancellationToken, Task<ResultEvent>>? restart = null,
        int standbys = 0)
    {
        _situation.Pool.Put(_scene.Launch(_generation));
        var settings = new ServiceSettings(new ServiceModel
        {
            Name = "tested",
            Listen = [],
            Restart = new RestartModel { DelayMin = delay, DelayMax = delay, CrashesMax = crashesMax },
        });
        var watch = new Upkeep(
            _situation, _slot, settings, restart ?? RestartAsync, TimeProvider.System, _scene.Observer, () => standbys);
        _watching = watch.RunAsync(_stopping.Token);
        return watch;
    }

    private Task<ResultEvent> RestartAsync(
        IReadOnlyList<int> slots, Operation operation, CancellationToken cancellationToken)
    {
        _situation.Pool.Put(_scene.Launch(++_generation));
        _restarted.Release();
        return Task.FromResult(new ResultEvent(Outcomes.Committed, Generation: _generation));
    }

    private static void Kill(Worker worker) => _ = worker.KillAsync();
}
