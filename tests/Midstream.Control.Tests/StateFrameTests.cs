// The layout of the state channel's frames: what is written is read, and what does not add up is not.

using Midstream.Control.State;

namespace Midstream.Control.Tests;

public sealed class StateFrameTests
{
    private static readonly StateFrame s_frame = new(
        StateFrameKind.Change, State: 3, Request: 0xF0000001, Number: -1, Operation: 2, Status: 4,
        Key: new byte[] { 1, 2 }, Value: new byte[] { 3, 4, 5 });

    [Fact]
    public void ToBytes_OfAFrame_IsAsSpecified() => Assert.Equal(
        "010C0300010000F0FFFFFFFFFFFFFFFF02040000020000000102030405", Convert.ToHexString(s_frame.ToBytes()));

    [Fact]
    public void TryRead_OfWhatWasWritten_IsTheSame()
    {
        Assert.True(StateFrame.TryRead(s_frame.ToBytes(), NoFile, out var read));

        Assert.Equal(s_frame with { Key = default, Value = default }, read with { Key = default, Value = default });
        Assert.Equal(s_frame.Key.ToArray(), read.Key.ToArray());
        Assert.Equal(s_frame.Value.ToArray(), read.Value.ToArray());
    }

    [Fact]
    public void TryRead_OfALargeFrame_TakesKeyAndValueFromTheFile()
    {
        var large = s_frame with { Value = new byte[StateFrame.InlineMax] };
        Assert.True(large.NeedsFile);
        Assert.Equal(24, large.ToBytes().Length);

        Assert.True(StateFrame.TryRead(large.ToBytes(), large.BodyToBytes, out var read));

        Assert.Equal(large.Key.ToArray(), read.Key.ToArray());
        Assert.Equal(StateFrame.InlineMax, read.Value.Length);
        Assert.False(StateFrame.TryRead(large.ToBytes(), NoFile, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("010C0300010000F0FFFFFFFFFFFFFFFF020400000200")]
    [InlineData("020C0300010000F0FFFFFFFFFFFFFFFF02040000020000000102030405")]
    [InlineData("010C0300010000F0FFFFFFFFFFFFFFFF02040000060000000102030405")]
    [InlineData("010C0300010000F0FFFFFFFFFFFFFFFF02040000FFFFFFFF0102030405")]
    public void TryRead_OfWhatDoesNotAddUp_IsRefused(string hex) =>
        Assert.False(StateFrame.TryRead(Convert.FromHexString(hex), NoFile, out _));

    [Fact]
    public void Read_OfACatalogue_IsWhatWasWritten()
    {
        var catalogue = new StateCatalogue([new StateOffer("carts", [1, 2])]);

        var read = StateCatalogue.Read(catalogue.ToBytes());

        Assert.Equal("""{"states":[{"name":"carts","writes":[1,2]}]}"""u8.ToArray(), catalogue.ToBytes());
        Assert.Equal([1, 2], Assert.Single(read!.States).Writes);
        Assert.Null(StateCatalogue.Read("rubbish"u8));
        Assert.Null(StateChoice.Read("[]"u8));
    }

    private static byte[]? NoFile() => null;
}
