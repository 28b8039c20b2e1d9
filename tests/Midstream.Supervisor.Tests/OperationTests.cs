// One operation at a time, who gives way to whom, and the account of its phases.

using Midstream.Control.Operators;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Services;

namespace Midstream.Supervisor.Tests;

public sealed class OperationTests
{
    private readonly OperationSlot _slot = new();

    [Fact]
    public async Task TryBegin_WhileAnotherIsUnderWay_IsRefusedWithWhoAndSinceWhen()
    {
        using var first = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        using var second = new Operation("rollback", new Operator("bob", 1001), onPhase: null, TimeProvider.System);
        Assert.Null(await BeginAsync(first));
        first.Enter(DeploymentPhase.WarmUp);

        var refused = await BeginAsync(second);

        Assert.Equal(Refusals.Busy, refused!.Code);
        Assert.Contains($"ann has a deploy under way since {first.Since:HH:mm:ss} UTC (phase: warm-up)",
            refused.Reason, StringComparison.Ordinal);
        Assert.Same(first, _slot.Current);
    }

    [Fact]
    public async Task End_OfAnOperation_FreesTheSlot()
    {
        using var first = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        using var second = new Operation("deploy", new Operator("bob", 1001), onPhase: null, TimeProvider.System);
        await BeginAsync(first);

        _slot.End(first);

        Assert.True(first.Ended.IsCompleted);
        Assert.Null(await BeginAsync(second));
        _slot.End(first);
        Assert.Same(second, _slot.Current);
    }

    [Fact]
    public async Task TryBegin_OverARestart_TakesItsPlaceWhenItHasEnded()
    {
        using var restart = Restart();
        using var deploy = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        await BeginAsync(restart);

        var beginning = BeginAsync(deploy);

        Assert.True(restart.Superseded.IsCancellationRequested);
        Assert.False(beginning.IsCompleted);
        _slot.End(restart);
        Assert.Null(await beginning);
        Assert.Same(deploy, _slot.Current);
    }

    [Fact]
    public async Task TryBegin_OfARestartOverARestart_IsRefused()
    {
        using var first = Restart();
        using var second = Restart();
        await BeginAsync(first);

        Assert.Equal(Refusals.Busy, (await BeginAsync(second))!.Code);
        Assert.False(first.Superseded.IsCancellationRequested);
    }

    // A deployment may find a restart in its way that ends at that very moment.
    [Fact]
    public void Supersede_OfAnOperationThatIsOver_DoesNoHarm()
    {
        var restart = Restart();
        restart.End();
        restart.Dispose();

        restart.Supersede();

        Assert.True(restart.Ended.IsCompleted);
    }

    [Fact]
    public async Task Close_WithAnOperationUnderWay_ReturnsItAndLetsNoneFollow()
    {
        using var first = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        using var second = new Operation("deploy", new Operator("bob", 1001), onPhase: null, TimeProvider.System);
        await BeginAsync(first);

        Assert.Same(first, _slot.Close());

        _slot.End(first);
        Assert.Equal(Refusals.Stopping, (await BeginAsync(second))!.Code);
    }

    [Fact]
    public void Enter_OfPhases_ReportsEachAtItsBeginningAndKeepsEachAtItsEnd()
    {
        var events = new List<PhaseEvent>();
        using var operation = new Operation("deploy", new Operator("ann", 1000), events.Add, TimeProvider.System);
        Assert.Equal("store", operation.PhaseName);
        Assert.Empty(operation.Phases);

        operation.Enter(DeploymentPhase.Store, "v2");
        operation.Enter(DeploymentPhase.WarmUp);
        Assert.Equal(["store"], operation.Phases.Select(phase => phase.Phase));
        operation.End();

        Assert.Equal(["store", "warm-up"], operation.Phases.Select(phase => phase.Phase));
        Assert.Equal([("store", "v2"), ("warm-up", null)], events.Select(what => (what.Phase, what.Detail)));
        Assert.All(operation.Phases, phase => Assert.InRange(phase.DurationMs, 0, operation.ElapsedMs));
    }

    private static Operation Restart() =>
        new("restart", Operator.Midstream, onPhase: null, TimeProvider.System, mayBeSuperseded: true);

    private Task<RefusedEvent?> BeginAsync(Operation operation) => _slot.TryBeginAsync(operation).WaitAsync(Scene.Patience);
}
