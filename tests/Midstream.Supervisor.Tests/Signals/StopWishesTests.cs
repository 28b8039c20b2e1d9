// Which signals stop a supervisor, how, and what a second one does.

using Midstream.Supervisor.Services;
using Midstream.Supervisor.Signals;

namespace Midstream.Supervisor.Tests.Signals;

public sealed class StopWishesTests
{
    private readonly StopWishes _wishes = new();

    [Theory]
    [InlineData("TERM", false)]
    [InlineData("INT", false)]
    [InlineData("QUIT", true)]
    public async Task TryTake_OfAStopSignal_IsAWish(string signal, bool graceful)
    {
        Assert.True(_wishes.TryTake(signal));

        Assert.Equal(new StopWish(new Operator($"signal {signal}", null), graceful), await _wishes.First);
        Assert.False(_wishes.AtOnce.IsCompleted);
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("USR1")]
    [InlineData("USR2")]
    [InlineData("TTIN")]
    [InlineData("TTOU")]
    [InlineData("WINCH")]
    public void TryTake_OfAnotherSignal_IsNone(string signal)
    {
        Assert.False(_wishes.TryTake(signal));
        Assert.False(_wishes.First.IsCompleted);
    }

    [Theory]
    [InlineData("TERM", "TERM")]
    [InlineData("QUIT", "INT")]
    public async Task TryTake_OfASecond_IsAtOnce(string first, string second)
    {
        _wishes.TryTake(first);
        _wishes.TryTake(second);

        Assert.True(_wishes.AtOnce.IsCompleted);
        Assert.Equal($"signal {first}", (await _wishes.First).Who.Name);
    }

    [Fact]
    public void Asked_AfterASignal_IsNotAtOnce()
    {
        _wishes.TryTake("TERM");
        _wishes.Asked(new StopWish(new Operator("ann", 1000), IsGraceful: true));

        Assert.False(_wishes.AtOnce.IsCompleted);
    }

    [Fact]
    public void Waiting_ForTheNextProgram_WishesTheSame()
    {
        foreach (string[] signals in (string[][])[[], ["TERM"], ["QUIT"], ["TERM", "TERM"], ["QUIT", "QUIT"]])
        {
            var (before, after) = (new StopWishes(), new StopWishes());
            Assert.All(signals, signal => Assert.True(before.TryTake(signal)));

            Assert.Equal(signals, before.Waiting);
            Assert.All(before.Waiting, signal => Assert.True(after.TryTake(signal)));
            Assert.Equal(
                (before.First.IsCompleted, before.AtOnce.IsCompleted), (after.First.IsCompleted, after.AtOnce.IsCompleted));
        }
    }
}
