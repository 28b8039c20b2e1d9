// Who sits in the seats of a slot's state once a generation has taken over.

using Midstream.HandOver;
using Midstream.Modules.State;

namespace Midstream.Modules.Tests.State;

public sealed class StateSeatTests
{
    private readonly Dictionary<string, StateSeat> _seats = [];

    // A seat of a state that nobody has any more would keep the generation whose it was.
    [Fact]
    public async Task Commit_OfAGenerationThatHasAStateLess_LeavesNoSeatForIt()
    {
        var (carts, prices) = (Dictionary("carts"), Dictionary("prices"));
        await SwapAsync([], [carts, prices]);

        await SwapAsync([carts, prices], [Dictionary("carts")]);

        Assert.Equal(["carts"], _seats.Keys);
    }

    [Fact]
    public async Task Operation_OfAGenerationSeveralSwapsAgo_IsDoneByTheOneInCharge()
    {
        var generations = Enumerable.Range(0, 4).Select(_ => Dictionary("carts")).ToList();
        await SwapAsync([], [generations[0]]);
        for (var next = 1; next < generations.Count; next++)
            await SwapAsync([generations[next - 1]], [generations[next]]);

        await generations[0].SetAsync("a", 1);
        await generations[1].UpdateAsync("a", static old => old.Value + 1);

        Assert.Equal(2, (await generations[^1].GetAsync("a")).Value);
        Assert.Equal(1, await generations[2].CountAsync());
        Assert.Same(generations[^1], _seats["carts"].InCharge);
    }

    [Fact]
    public async Task Share_OfAState_LeavesTheCanaryNothingAndLetsItAsk()
    {
        var (current, canary) = (Dictionary("carts"), Dictionary("carts"));
        await SwapAsync([], [current]);
        await current.SetAsync("a", 1);

        await StateTransfer.ShareAsync([current], [canary], _seats, CancellationToken.None);
        await canary.UpdateAsync("a", static old => old.Value + 1);

        Assert.Empty(canary.Snapshot());
        Assert.Equal(2, (await current.GetAsync("a")).Value);
        Assert.Same(current, _seats["carts"].InCharge);
    }

    private async Task SwapAsync(ILoggedState[] from, ILoggedState[] to)
    {
        var transfer = StateTransfer.Plan(from, to, _seats);
        await transfer.CopyAsync(CancellationToken.None);
        await transfer.FreezeAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        transfer.Commit(isGoverned: false);
    }

    private static StateDictionary<string, long> Dictionary(string name) => new(name, StateCodec.Text, StateCodec.Number);
}
