// Two generations' ends of a hand-over over a real socket pair, in one process: what each side does can be held and ended.

using Midstream.Control.Workers;
using Midstream.HandOver;
using Midstream.Hosting.State;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.State;

internal sealed class StatePair : IAsyncDisposable
{
    private readonly FdPoller _poller = new();

    internal StatePair(IHandedOverState[] old, IHandedOverState[] next)
    {
        var (first, second) = SeqPacketChannel.CreateDescriptorPair();
        foreach (var state in next.OfType<ILoggedState>())
            state.Wait();
        Taker = new StateTaker(new SeqPacketChannel(second, _poller), Named(next), static () => { });
        Giver = new StateGiver(new SeqPacketChannel(first, _poller), Named(old));
    }

    internal static TimeSpan FreezeMax { get; } = TimeSpan.FromSeconds(10);

    internal StateGiver Giver { get; }

    internal StateTaker Taker { get; }

    internal static StateDictionary<long, long> NewDictionary(StateDictionaryOptions? options = null) =>
        new("numbers", StateCodec.Number, StateCodec.Number, options);

    private static NamedState[] Named(IHandedOverState[] states) =>
        [.. states.Select(state => new NamedState(state.Name, state))];

    internal async Task ImportAsync()
    {
        var imported = await Taker.Imported.WaitAsync(Bounded.Patience);
        Assert.Null(imported.Fault);
    }

    internal async Task<StateHandedOverMessage> HandOverAsync()
    {
        var handedOver = await Giver.HandOverAsync(FreezeMax).WaitAsync(Bounded.Patience);
        Assert.Null(handedOver.Fault);
        return handedOver;
    }

    public async ValueTask DisposeAsync()
    {
        await Taker.DisposeAsync();
        await Giver.DisposeAsync();
        _poller.Dispose();
    }
}
