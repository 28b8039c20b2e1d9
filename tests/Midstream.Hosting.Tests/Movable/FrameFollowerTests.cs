// Where frames end, in any cut of the bytes: judged by an encoder written here from RFC 6455, section 5.2.

using Midstream.Hosting.Movable;

namespace Midstream.Hosting.Tests.Movable;

public sealed class FrameFollowerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void Advance_ByEveryKindOfLength_IsBetweenMessagesExactlyAtTheEnd(int length)
    {
        foreach (var masked in (bool[])[true, false])
        {
            var frame = Frame(0x81, length, masked);
            var follower = new FrameFollower();

            Assert.True(follower.IsBetweenMessages);
            for (var at = 0; at < frame.Length;)
            {
                var count = (int)Math.Min(follower.Wanted, 1 + (at % 700));
                follower.Advance(frame.AsSpan(at, count));
                at += count;
                Assert.Equal(at == frame.Length, follower.IsBetweenMessages);
            }
        }
    }

    [Fact]
    public void Wanted_TakenAlways_NeverGoesBeyondTheFrame()
    {
        var random = new Random(1);
        var frames = Enumerable.Range(0, 300).Select(_ => Frame(0x82, random.Next(4) switch
        {
            0 => random.Next(126), 1 => random.Next(126, 70_000), 2 => 0, _ => 125,
        }, masked: true)).ToList();
        var bytes = frames.SelectMany(static frame => frame).ToArray();
        var ends = frames.Aggregate(new List<int>(), (list, frame) => [.. list, list.LastOrDefault() + frame.Length]);
        var follower = new FrameFollower();

        for (var at = 0; at < bytes.Length;)
        {
            var wanted = (int)follower.Wanted;
            Assert.True(at + wanted <= ends.First(end => end > at));
            follower.Advance(bytes.AsSpan(at, wanted));
            at += wanted;
        }

        Assert.True(follower.IsBetweenMessages);
    }

    [Fact]
    public void Advance_ByAFragmentedMessageWithAPingWithin_IsBetweenMessagesAfterItsLastFragmentOnly()
    {
        var follower = new FrameFollower();

        follower.Advance(Frame(0x01, 3, masked: true));
        Assert.False(follower.IsBetweenMessages);
        follower.Advance(Frame(0x89, 4, masked: true));
        Assert.False(follower.IsBetweenMessages);
        follower.Advance(Frame(0x00, 0, masked: true));
        Assert.False(follower.IsBetweenMessages);
        follower.Advance(Frame(0x80, 5, masked: true));
        Assert.True(follower.IsBetweenMessages);
        follower.Advance(Frame(0x89, 0, masked: true));
        Assert.True(follower.IsBetweenMessages);
    }

    [Fact]
    public void Advance_ByACloseFrame_IsNeverBetweenMessagesAgain()
    {
        var follower = new FrameFollower();

        follower.Advance(Frame(0x88, 2, masked: true));

        Assert.False(follower.IsBetweenMessages);
        Assert.True(follower.IsClosing);
    }

    private static byte[] Frame(byte first, int length, bool masked)
    {
        var mask = masked ? (byte)0x80 : (byte)0;
        byte[] header = length switch
        {
            < 126 => [first, (byte)(mask | length)],
            <= ushort.MaxValue => [first, (byte)(mask | 126), (byte)(length >> 8), (byte)length],
            _ => [first, (byte)(mask | 127), 0, 0, 0, 0, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        };
        return [.. header, .. masked ? (byte[])[1, 2, 3, 4] : [], .. new byte[length]];
    }
}
