// What bursts of signals come to: equal ones are one, TTIN and TTOU add up, and all wait for what is under way.

using System.Threading.Channels;
using Midstream.Control.Operators;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;

namespace Midstream.Supervisor.Tests.Signals;

public sealed class SignalDeskTests : IAsyncLifetime
{
    private readonly OperationSlot _slot = new();
    private readonly RecordingObserver _observer = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Recorded _operations;
    private readonly SignalDesk _desk;
    private Task _running = Task.CompletedTask;

    public SignalDeskTests()
    {
        _operations = new Recorded(_slot);
        _desk = new SignalDesk(_operations, _slot, inputIsTerminal: false, _observer);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(Scene.Patience);
        _stopping.Dispose();
    }

    [Theory]
    [InlineData("HUP", "reload")]
    [InlineData("USR2", "upgrade")]
    [InlineData("WINCH", "pause")]
    [InlineData("TTIN", "scale 1")]
    [InlineData("TTOU", "scale -1")]
    public async Task Hear_OfASignal_LeadsToItsOperationInItsName(string signal, string expected)
    {
        Run();

        _desk.Hear(signal);

        Assert.Equal($"{expected} by signal {signal}", await _operations.NextAsync());
    }

    [Fact]
    public async Task Hear_OfABurst_IsOneOperationForEachKind()
    {
        foreach (var signal in (string[])["HUP", "WINCH", "HUP", "HUP", "USR2", "WINCH", "HUP"])
            _desk.Hear(signal);
        Run();

        Assert.Equal("upgrade by signal USR2", await _operations.NextAsync());
        Assert.Equal("reload by signal HUP", await _operations.NextAsync());
        Assert.Equal("pause by signal WINCH", await _operations.NextAsync());
        await AssertNothingFollowsAsync();
    }

    [Theory]
    [InlineData(3, 1, "scale 2 by signal TTIN")]
    [InlineData(1, 4, "scale -3 by signal TTOU")]
    public async Task Hear_OfTtinAndTtou_AddsThemUp(int more, int fewer, string expected)
    {
        for (var time = 0; time < Math.Max(more, fewer); time++)
        {
            if (time < more)
                _desk.Hear("TTIN");
            if (time < fewer)
                _desk.Hear("TTOU");
        }

        Run();

        Assert.Equal(expected, await _operations.NextAsync());
        await AssertNothingFollowsAsync();
    }

    [Fact]
    public async Task Hear_OfAsManyTtinAsTtou_DoesNothing()
    {
        _desk.Hear("TTIN");
        _desk.Hear("TTOU");
        Run();

        await AssertNothingFollowsAsync();
    }

    [Fact]
    public async Task Hear_WhileAnOperationIsUnderWay_WaitsForItsEnd()
    {
        using var deploy = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        Assert.Null(await _slot.TryBeginAsync(deploy));
        Run();

        _desk.Hear("HUP");
        await _operations.Refused.WaitAsync(Scene.Patience);
        Assert.False(_operations.HasBegun);
        _slot.End(deploy);

        Assert.Equal("reload by signal HUP", await _operations.NextAsync());
        Assert.Empty(_observer.Events);
    }

    [Fact]
    public async Task Hear_DuringTheOperationOfAnEarlierOne_IsOneMoreOperation()
    {
        _operations.Gate = new TaskCompletionSource();
        Run();
        _desk.Hear("HUP");
        Assert.Equal("reload by signal HUP", await _operations.NextAsync());

        _desk.Hear("HUP");
        _desk.Hear("HUP");
        _operations.Gate.SetResult();

        Assert.Equal("reload by signal HUP", await _operations.NextAsync());
        await AssertNothingFollowsAsync();
    }

    [Fact]
    public async Task Hear_OfWhatIsRefused_IsSaidAndNotTriedAgain()
    {
        _operations.Refusal = new RefusedEvent(Refusals.BadRequest, "midstream.json is torn.");
        Run();

        _desk.Hear("HUP");

        Assert.Equal("reload by signal HUP", await _operations.NextAsync());
        var error = await _observer.Error.WaitAsync(Scene.Patience);
        Assert.Equal(("SignalRefused", "Signal HUP was not followed: midstream.json is torn."), (error.Name, error.Text));
        await AssertNothingFollowsAsync();
    }

    [Fact]
    public async Task Hear_OfUsr1_ReopensAtOnceEvenWhileAnOperationIsUnderWay()
    {
        using var deploy = new Operation("deploy", new Operator("ann", 1000), onPhase: null, TimeProvider.System);
        await _slot.TryBeginAsync(deploy);

        _desk.Hear("USR1");

        Assert.Equal(1, _operations.Reopened);
        _slot.End(deploy);
    }

    [Fact]
    public async Task Hear_OfWinchAtATerminal_DoesNothing()
    {
        var atTerminal = new SignalDesk(_operations, _slot, inputIsTerminal: true, _observer);
        _running = atTerminal.RunAsync(_stopping.Token);

        atTerminal.Hear("WINCH");
        atTerminal.Hear("HUP");

        Assert.Equal("reload by signal HUP", await _operations.NextAsync());
        Assert.False(_operations.HasBegun);
    }

    private void Run() => _running = _desk.RunAsync(_stopping.Token);

    // A pause is taken last but for scaling, so whatever else was asked for would come before it.
    private async Task AssertNothingFollowsAsync()
    {
        _operations.Refusal = null;
        _desk.Hear("WINCH");
        Assert.Equal("pause by signal WINCH", await _operations.NextAsync());
        _desk.Hear("TTIN");
        Assert.Equal("scale 1 by signal TTIN", await _operations.NextAsync());
    }

    // Holds the slot as real operations do, and writes down what was begun.
    private sealed class Recorded(OperationSlot slot) : ISignalOperations
    {
        private readonly Channel<string> _begun = Channel.CreateUnbounded<string>();
        private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal TaskCompletionSource? Gate { get; set; }

        internal RefusedEvent? Refusal { get; set; }

        internal int Reopened { get; private set; }

        internal Task Refused => _refused.Task;

        internal bool HasBegun => _begun.Reader.TryPeek(out _);

        public Task<OperatorEvent> ReloadAsync(Operator who) => RunAsync("reload", who);

        public Task<OperatorEvent> ScaleAsync(int by, Operator who) => RunAsync($"scale {by}", who);

        public Task<OperatorEvent> PauseAsync(Operator who) => RunAsync("pause", who);

        public async Task<OperatorEvent?> UpgradeAsync(Operator who) => await RunAsync("upgrade", who);

        public void ReopenLogs() => Reopened++;

        internal async Task<string> NextAsync() => await _begun.Reader.ReadAsync().AsTask().WaitAsync(Scene.Patience);

        private async Task<OperatorEvent> RunAsync(string what, Operator who)
        {
            using var operation = new Operation(what, who, onPhase: null, TimeProvider.System);
            if (await slot.TryBeginAsync(operation) is { } busy)
            {
                _refused.TrySetResult();
                return busy;
            }

            _begun.Writer.TryWrite($"{what} by {who.Name}");
            if (Gate is { } gate)
                await gate.Task.WaitAsync(Scene.Patience);
            slot.End(operation);
            return Refusal ?? (OperatorEvent)new ResultEvent(Outcomes.Committed);
        }
    }
}
