// A worker's name, there and back, and what is none.

using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Workers;

public sealed class WorkerNameTests
{
    [Theory]
    [InlineData(1, 1, "g1.1")]
    [InlineData(41, 2, "g41.2")]
    [InlineData(long.MaxValue, int.MaxValue, "g9223372036854775807.2147483647")]
    public void TryParse_OfWhatWasWritten_IsTheSame(long generation, int slot, string text)
    {
        var name = new WorkerName(generation, slot);

        Assert.Equal(text, name.ToString());
        Assert.True(WorkerName.TryParse(text, out var read));
        Assert.Equal(name, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("g")]
    [InlineData("g1")]
    [InlineData("g1.")]
    [InlineData("g.1")]
    [InlineData("1.1")]
    [InlineData("G1.1")]
    [InlineData("g1.1.1")]
    [InlineData("g-1.1")]
    [InlineData("g+1.1")]
    [InlineData("g 1.1")]
    [InlineData("g1.1 ")]
    [InlineData("g0x1.1")]
    [InlineData("g9223372036854775808.1")]
    [InlineData("g1.2147483648")]
    public void TryParse_OfWhatIsNoName_IsNone(string? text)
    {
        Assert.False(WorkerName.TryParse(text, out var name));
        Assert.Equal(default, name);
    }
}
