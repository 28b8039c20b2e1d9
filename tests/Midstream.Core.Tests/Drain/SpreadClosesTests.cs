// Closes are spread: never all at once, never beyond half of the time, and a few do not dawdle.

using Midstream.Core.Drain;

namespace Midstream.Core.Tests.Drain;

public class SpreadClosesTests
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(3, 0, 1)]
    [InlineData(3, 9, 1)]
    [InlineData(3, 10, 2)]
    [InlineData(3, 20, 3)]
    [InlineData(3, 60_000, 3)]
    [InlineData(0, 0, 0)]
    [InlineData(1000, 0, 1)]
    [InlineData(1000, 2500, 501)]
    [InlineData(1000, 5000, 1000)]
    public void DueAfter_OfSoMany_IsAsMany(int count, int elapsedMs, int due) =>
        Assert.Equal(due, new SpreadCloses(count, s_time).DueAfter(TimeSpan.FromMilliseconds(elapsedMs)));

    [Fact]
    public void DueAfter_AThousand_NeverClosesMoreThanAHundredthWithinAHundredthOfTheSpread()
    {
        var spread = new SpreadCloses(1000, s_time);
        for (int ms = 0; ms < 4950; ms++)
        {
            int within = spread.DueAfter(TimeSpan.FromMilliseconds(ms + 50)) - spread.DueAfter(TimeSpan.FromMilliseconds(ms));
            Assert.InRange(within, 9, 11);
        }
    }

    [Fact]
    public void DueAfter_WithoutAnyTime_IsAll() => Assert.Equal(5, new SpreadCloses(5, TimeSpan.Zero).DueAfter(TimeSpan.Zero));
}
