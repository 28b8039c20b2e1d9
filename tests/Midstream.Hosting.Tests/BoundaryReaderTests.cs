// The reader between a connection's input and the server, over a real pipe: when it lets go, and what it then leaves behind.

using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Tests;

public sealed class BoundaryReaderTests
{
    private readonly Pipe _pipe = new(new PipeOptions(minimumSegmentSize: 16, useSynchronizationContext: false));
    private readonly RequestBoundary _boundary = new();
    private readonly Newcomers.FirstWord _firstWord = new();
    private readonly Departing _departure = new();
    private readonly BoundaryReader _reader;

    public BoundaryReaderTests() => _reader = new BoundaryReader(_pipe.Reader, _boundary, _firstWord, _departure);

    [Fact]
    public async Task Read_OfAConnectionThatStays_ShowsWhatIsWritten()
    {
        await WriteAsync("GET /");

        var result = await ReadAsync();

        Assert.Equal("GET /", TextOf(result));
        Assert.Equal(BoundaryState.Head, _boundary.State);
    }

    // A server that stops throws away what has arrived and what it has not looked at.
    [Fact]
    public async Task Read_OfTheFirstBytes_IsOverWhenTheServerHasLookedAtThem()
    {
        await WriteAsync("GET /");
        Assert.False(_firstWord.IsOver(TimeSpan.MaxValue));
        var result = await ReadAsync();
        Assert.False(_firstWord.IsOver(TimeSpan.MaxValue));

        _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

        Assert.True(_firstWord.IsOver(TimeSpan.MaxValue));
    }

    [Fact]
    public async Task Leave_WithAReadPending_EndsTheInput()
    {
        var pending = _reader.ReadAsync(Bounded.Token());
        Assert.False(pending.IsCompleted);

        _reader.Leave();

        AssertEnded(await pending);
        Assert.True(_reader.HasLeft);
    }

    [Fact]
    public async Task Leave_OfAConnectionThatNobodyTakes_GoesOnAndShowsWhatComes()
    {
        _departure.Outcome = Departure.Stays;
        await HaveAnsweredAsync();
        var pending = _reader.ReadAsync(Bounded.Token());

        _reader.Leave();
        await Bounded.UntilAsync(() => _departure.Count == 1, "it has tried to depart");
        Assert.False(pending.IsCompleted);
        await WriteAsync("GET /");

        Assert.Equal("GET /", TextOf(await pending));
        Assert.False(_reader.HasLeft);
        Assert.Equal(1, _departure.Count);
    }

    [Fact]
    public async Task CancelPendingRead_WhileItDeparts_IsSeenWhenItStays()
    {
        _departure.Outcome = Departure.Stays;
        _departure.OnTheWay = () =>
        {
            _reader.CancelPendingRead();
            Assert.Empty(_reader.TakeUnread());
        };
        await HaveAnsweredAsync();
        var pending = _reader.ReadAsync(Bounded.Token());

        _reader.Leave();

        Assert.True((await pending).IsCanceled);
        Assert.False(_reader.HasLeft);
    }

    [Fact]
    public async Task Leave_BeforeTheRead_EndsTheInputAndShowsNothing()
    {
        await WriteAsync("GET /");

        _reader.Leave();

        AssertEnded(await ReadAsync());
        Assert.Equal(BoundaryState.Untouched, _boundary.State);
        Assert.Equal("GET /", Encoding.UTF8.GetString(_reader.TakeUnread()));
    }

    [Fact]
    public async Task Leave_WhenPartOfAHeadWasShown_WaitsForTheEndOfThatRequest()
    {
        await WriteAsync("GET /");
        var head = await ReadAsync();
        _reader.AdvanceTo(head.Buffer.Start, head.Buffer.End);
        var pending = _reader.ReadAsync(Bounded.Token());

        _reader.Leave();

        Assert.False(pending.IsCompleted);
        await WriteAsync(" HTTP/1.1\r\n\r\n");
        var result = await pending;
        Assert.False(result.IsCanceled);
        Assert.Equal("GET / HTTP/1.1\r\n\r\n", TextOf(result));
        _reader.AdvanceTo(result.Buffer.End);
        _boundary.RequestStarted(0);
        _boundary.RequestEnded(bodyWasRead: false);
        AssertEnded(await ReadAsync());
    }

    [Fact]
    public async Task Leave_DuringARequest_IsNotAnsweredBeforeItsEnd()
    {
        await ShowRequestAsync(bodyLength: 4);
        var body = _reader.ReadAsync(Bounded.Token());

        _reader.Leave();

        Assert.False(body.IsCompleted);
        await WriteAsync("body");
        var result = await body;
        Assert.Equal("body", TextOf(result));
        Assert.False(_reader.HasLeft);
    }

    [Fact]
    public async Task CancelPendingRead_ByTheServer_IsPassedOn()
    {
        var pending = _reader.ReadAsync(Bounded.Token());

        _reader.CancelPendingRead();

        Assert.True((await pending).IsCanceled);
    }

    [Fact]
    public async Task CancelPendingRead_TogetherWithALeave_IsPassedOnOnce()
    {
        await ShowRequestAsync(bodyLength: 4);

        _reader.Leave();
        _reader.CancelPendingRead();

        var cancelled = await ReadAsync();
        Assert.True(cancelled.IsCanceled);
        _reader.AdvanceTo(cancelled.Buffer.Start);
        await WriteAsync("body");
        var result = await ReadAsync();
        Assert.False(result.IsCanceled);
        Assert.Equal("body", TextOf(result));
    }

    [Fact]
    public async Task CancelPendingRead_AfterALeaveThatWasSwallowed_IsPassedOn()
    {
        await ShowRequestAsync(bodyLength: 4);
        var pending = _reader.ReadAsync(Bounded.Token());
        _reader.Leave();

        _reader.CancelPendingRead();

        Assert.True((await pending).IsCanceled);
    }

    [Fact]
    public async Task TryRead_WithOurWakeUp_ShowsNoCancellation()
    {
        await ShowRequestAsync(bodyLength: 4);
        _reader.Leave();

        Assert.False(_reader.TryRead(out _));

        await WriteAsync("body");
        Assert.True(_reader.TryRead(out var result));
        Assert.False(result.IsCanceled);
        Assert.Equal("body", TextOf(result));
    }

    [Fact]
    public async Task AdvanceTo_OverABodyInPieces_CountsToItsEnd()
    {
        await ShowRequestAsync(bodyLength: 40);
        _boundary.RequestEnded(bodyWasRead: false);
        _reader.Leave();
        await WriteAsync(new string('b', 40) + "GET /next");

        for (var consumed = 0; consumed < 40; consumed += 8)
        {
            var result = await ReadAsync();
            Assert.False(result.IsCompleted, $"the input ended {consumed} bytes into a body of 40");
            _reader.AdvanceTo(result.Buffer.GetPosition(8));
        }

        AssertEnded(await ReadAsync());
        Assert.Equal("GET /next", Encoding.UTF8.GetString(_reader.TakeUnread()));
    }

    [Fact]
    public async Task AdvanceTo_OfWhatIsOnlyExamined_DoesNotCount()
    {
        await ShowRequestAsync(bodyLength: 4);
        _boundary.RequestEnded(bodyWasRead: false);
        await WriteAsync("body");
        var result = await ReadAsync();

        _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);

        Assert.Equal(BoundaryState.Body, _boundary.State);
    }

    [Fact]
    public async Task TakeUnread_AfterAWakeUpThatNobodySaw_HasEveryByteOnce()
    {
        await ShowRequestAsync(bodyLength: 0);
        _boundary.RequestEnded(bodyWasRead: false);
        var text = string.Concat(Enumerable.Range(0, 200).Select(number => $"{number},"));
        await WriteAsync(text[..300]);
        _reader.Leave();
        AssertEnded(await ReadAsync());
        await WriteAsync(text[300..]);
        _reader.Leave();

        Assert.Equal(text, Encoding.UTF8.GetString(_reader.TakeUnread()));
    }

    [Fact]
    public async Task TakeUnread_AfterTheClientHasEnded_HasWhatItSent()
    {
        await WriteAsync("GET /");
        _reader.Leave();
        AssertEnded(await ReadAsync());
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("GET /", Encoding.UTF8.GetString(_reader.TakeUnread()));
    }

    [Fact]
    public async Task TakeUnread_OfNothing_IsEmpty()
    {
        _reader.Leave();
        AssertEnded(await ReadAsync());

        Assert.Empty(_reader.TakeUnread());
    }

    [Fact]
    public async Task Stay_BeforeTheBoundary_TakesTheLeaveBack()
    {
        await ShowRequestAsync(bodyLength: 0);
        _reader.Leave();

        _reader.Stay();

        _boundary.RequestEnded(bodyWasRead: false);
        var pending = _reader.ReadAsync(Bounded.Token());
        Assert.False(pending.IsCompleted);
        await WriteAsync("GET /next");
        Assert.Equal("GET /next", TextOf(await pending));
        Assert.False(_reader.HasLeft);
    }

    [Fact]
    public async Task Stay_AfterTheConnectionHasLeft_ChangesNothing()
    {
        _reader.Leave();
        AssertEnded(await ReadAsync());
        await WriteAsync("GET /");

        _reader.Stay();

        AssertEnded(await ReadAsync());
        Assert.Equal("GET /", Encoding.UTF8.GetString(_reader.TakeUnread()));
    }

    [Fact]
    public async Task AfterTheConnectionHasLeft_TheServerGetsNothingAndSpoilsNothing()
    {
        _reader.Leave();
        var end = await ReadAsync();
        await WriteAsync("GET /");

        Assert.False(_reader.TryRead(out _));
        _reader.AdvanceTo(end.Buffer.End);
        await _reader.CompleteAsync(new IOException("The server is done with it."));

        AssertEnded(await ReadAsync());
        Assert.Equal("GET /", Encoding.UTF8.GetString(_reader.TakeUnread()));
    }

    [Fact]
    public async Task Complete_OfAConnectionThatStays_ReachesTheInput()
    {
        await _reader.CompleteAsync();

        Assert.True((await _pipe.Writer.WriteAsync("GET /"u8.ToArray(), Bounded.Token())).IsCompleted);
    }

    private async Task ShowRequestAsync(int bodyLength)
    {
        await WriteAsync("POST / HTTP/1.1\r\n\r\n");
        _reader.AdvanceTo((await ReadAsync()).Buffer.End);
        _boundary.RequestStarted(bodyLength);
    }

    private async Task WriteAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text), Bounded.Token());

    private ValueTask<ReadResult> ReadAsync() => _reader.ReadAsync(Bounded.Token());

    private static string TextOf(ReadResult result) => Encoding.UTF8.GetString(result.Buffer.ToArray());

    private static void AssertEnded(ReadResult result)
    {
        Assert.True(result.IsCompleted);
        Assert.False(result.IsCanceled);
        Assert.True(result.Buffer.IsEmpty);
    }

    // A request without a body, from its first byte to the end of its response.
    private async Task HaveAnsweredAsync()
    {
        await WriteAsync("GET /");
        _reader.AdvanceTo((await ReadAsync()).Buffer.End);
        _boundary.RequestStarted(0);
        _boundary.RequestEnded(bodyWasRead: false);
    }

    private sealed class Departing : IDeparture
    {
        internal Departure Outcome { get; set; } = Departure.HasGone;

        internal Action OnTheWay { get; set; } = static () => { };

        internal int Count { get; private set; }

        public async ValueTask<Departure> DepartAsync()
        {
            await Task.Yield();
            OnTheWay();
            Count++;
            return Outcome;
        }
    }
}
