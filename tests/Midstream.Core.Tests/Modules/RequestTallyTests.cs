// When a new generation of a module is clearly worse than the one before.

using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class RequestTallyTests
{
    [Theory]
    [InlineData(0, 0, 4, 4, false)]         // too few to say
    [InlineData(0, 0, 5, 5, true)]          // nobody before it: five of five are no chance
    [InlineData(1000, 0, 100, 5, false)]    // one in twenty is the margin
    [InlineData(1000, 0, 99, 5, true)]
    [InlineData(1000, 100, 100, 25, false)] // twice a tenth, and the margin
    [InlineData(1000, 100, 100, 26, true)]
    [InlineData(10, 10, 100, 100, false)]   // the one before failed all as well
    [InlineData(0, 0, 0, 0, false)]
    public void IsClearlyWorseThan_OfEveryKind_IsAsDocumented(
        long requestsBefore, long failedBefore, long requests, long failed, bool expected) =>
        Assert.Equal(expected, new RequestTally(requests, failed).IsClearlyWorseThan(new(requestsBefore, failedBefore)));

    [Fact]
    public void PlusAndSince_AddUpAndTakeAway()
    {
        var all = new RequestTally(10, 2).Plus(new RequestTally(5, 1));

        Assert.Equal(new RequestTally(15, 3), all);
        Assert.Equal(new RequestTally(14, 3), all.Since(new RequestTally(1, 0)));
        Assert.Equal("3 of 15 requests", $"{all}");
    }
}
