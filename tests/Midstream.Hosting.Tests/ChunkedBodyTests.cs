// What is known of a chunked body's end, over a real pipe in the place of the server's.

using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Midstream.Hosting.Requests;

namespace Midstream.Hosting.Tests;

public sealed class ChunkedBodyTests
{
    private readonly Pipe _pipe = new();

    [Fact]
    public async Task TryReadOff_OfABodyThatEnds_ReadsItAndIsTrue()
    {
        var reading = ReadOffAsync();
        await _pipe.Writer.WriteAsync(new byte[1000], Bounded.Token());
        await _pipe.Writer.WriteAsync(new byte[1000], Bounded.Token());
        Assert.False(reading.IsCompleted);

        await _pipe.Writer.CompleteAsync();

        Assert.True(await reading);
    }

    [Fact]
    public async Task TryReadOff_OfABodyThatWasReadToItsEnd_IsTrue()
    {
        await _pipe.Writer.CompleteAsync();
        _pipe.Reader.AdvanceTo((await _pipe.Reader.ReadAsync(Bounded.Token())).Buffer.End);

        Assert.True(await ReadOffAsync());
    }

    [Fact]
    public async Task TryReadOff_WhenTheClientGoes_IsFalse()
    {
        using var aborted = new CancellationTokenSource();
        var reading = ChunkedBody.TryReadOffAsync(_pipe.Reader, aborted.Token);

        await aborted.CancelAsync();

        Assert.False(await reading.WaitAsync(Bounded.Patience));
    }

    [Fact]
    public async Task TryReadOff_WhenTheApplicationHasClosedTheReader_IsFalse()
    {
        await _pipe.Reader.CompleteAsync();

        Assert.False(await ReadOffAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TryReadOff_OfABrokenBody_IsFalse(bool isMalformed)
    {
        await _pipe.Writer.CompleteAsync(
            isMalformed ? new BadHttpRequestException("Bad chunk size.") : new IOException("Reset."));

        Assert.False(await ReadOffAsync());
    }

    [Fact]
    public async Task TryReadOff_OfABodyThatNeverEnds_GivesUpByItself()
    {
        await _pipe.Writer.WriteAsync(new byte[10], Bounded.Token());

        Assert.False(await ReadOffAsync());
    }

    private Task<bool> ReadOffAsync() =>
        ChunkedBody.TryReadOffAsync(_pipe.Reader, CancellationToken.None).WaitAsync(Bounded.Patience);
}
