using System.Threading.Channels;
using Midstream.Control.Operators;
using Midstream.Supervisor.Services;

namespace Midstream.Supervisor.Signals;

// signal    | what it asks for                                          | the same by
// ----------+-----------------------------------------------------------+--------------------------
// HUP       | read midstream.json again and replace the workers         | midstream reload
// USR1      | open the log's file anew                                  | midstream reopen-logs
// USR2      | replace the supervisor's own program in place             | midstream upgrade
// TTIN      | one worker more                                           | midstream scale N
// TTOU      | one worker less, but never the last                       | midstream scale N
// WINCH     | accept nothing more (ignored at a terminal, which sends   | midstream pause
//           | it whenever its window changes its size)                  |
// QUIT      | stop; clients are let go as their protocol announces      | midstream stop --graceful
// TERM, INT | stop; what is under way is finished                       | midstream stop
// a second of the last three: at once
//
// Signals that come while an operation is under way wait for its end. Equal ones are one; TTIN and TTOU add up.

/// <summary>Turns signals into operations, one after another.</summary>
/// <param name="operations">What signals can ask for.</param>
/// <param name="slot">Says what is in the way.</param>
/// <param name="inputIsTerminal">Whether the supervisor sits at a terminal, whose WINCH means nothing.</param>
/// <param name="observer">Told what signals led to.</param>
internal sealed class SignalDesk(
    ISignalOperations operations, OperationSlot slot, bool inputIsTerminal, ISupervisorObserver observer)
{
    private readonly Lock _lock = new();
    private readonly Channel<bool> _heard = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _reload;
    private bool _upgrade;
    private bool _pause;
    private int _scaleBy;

    /// <summary>Gets what was heard and is not followed yet, for the program that follows this one; a signal may be there more
    /// than once.</summary>
    public IReadOnlyList<string> Waiting
    {
        get
        {
            lock (_lock)
                return
                [
                    .. _reload ? [SignalNames.Hup] : (string[])[],
                    .. _pause ? [SignalNames.Winch] : (string[])[],
                    .. Enumerable.Repeat(_scaleBy > 0 ? SignalNames.Ttin : SignalNames.Ttou, Math.Abs(_scaleBy)),
                ];
        }
    }

    /// <summary>Takes a signal. Never blocks.</summary>
    /// <param name="name">The signal.</param>
    public void Hear(string name)
    {
        switch (name)
        {
            case SignalNames.Usr1:
                operations.ReopenLogs();
                return;
            case SignalNames.Winch when inputIsTerminal:
                return;
        }

        lock (_lock)
        {
            _reload |= name == SignalNames.Hup;
            _upgrade |= name == SignalNames.Usr2;
            _pause |= name == SignalNames.Winch;
            _scaleBy += name == SignalNames.Ttin ? 1 : name == SignalNames.Ttou ? -1 : 0;
        }

        _heard.Writer.TryWrite(true);
    }

    /// <summary>Carries out what signals ask for, until the supervisor stops.</summary>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await _heard.Reader.ReadAsync(stopping);
                while (TakeNext() is { } next)
                    await CarryOutAsync(next, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What was asked for and not begun is not begun any more, unless another program follows this one.
        }
    }

    private Errand? TakeNext()
    {
        lock (_lock)
        {
            if (Take(ref _upgrade))
                return new(SignalNames.Usr2, 1, operations.UpgradeAsync);
            if (Take(ref _reload))
                return new(SignalNames.Hup, 1, async who => await operations.ReloadAsync(who));
            if (Take(ref _pause))
                return new(SignalNames.Winch, 1, async who => await operations.PauseAsync(who));
            if (_scaleBy == 0)
                return null;
            var by = _scaleBy;
            _scaleBy = 0;
            return new(
                by > 0 ? SignalNames.Ttin : SignalNames.Ttou, Math.Abs(by), async who => await operations.ScaleAsync(by, who));
        }
    }

    private static bool Take(ref bool wish)
    {
        var had = wish;
        wish = false;
        return had;
    }

    private async Task CarryOutAsync(Errand errand, CancellationToken stopping)
    {
        var who = new Operator($"signal {errand.Signal}", null);
        while (true)
        {
            var answer = await errand.Run(who);
            if (answer is not RefusedEvent refused)
                return;
            if (refused.Code != Refusals.Busy)
            {
                observer.Error("SignalRefused", $"Signal {errand.Signal} was not followed: {refused.Reason}");
                return;
            }

            if (slot.Current is { } other)
                await WaitForAsync(other, errand, stopping);
        }
    }

    private async Task WaitForAsync(Operation other, Errand errand, CancellationToken stopping)
    {
        try
        {
            await other.Ended.WaitAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            for (var times = errand.Times; times > 0; times--)
                Hear(errand.Signal);
            throw;
        }
    }

    // A signal that is being followed; TTIN and TTOU more than once at a time.
    private sealed record Errand(string Signal, int Times, Func<Operator, Task<OperatorEvent?>> Run);
}
