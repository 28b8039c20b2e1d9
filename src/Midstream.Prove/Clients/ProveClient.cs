using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Midstream.Prove.Accounting;
using Midstream.Prove.Http;

namespace Midstream.Prove.Clients;

// The life of a client, the same for all kinds: connect, think, exchange, until the run ends; the request under way is finished.
// A kind adds how it sends and reads. Whatever happens, each number taken is settled exactly once.
internal abstract class ProveClient : IDisposable
{
    private const int BufferBytes = 4096;
    private const int SlowReaderBufferBytes = 16 * 1024;

    // After a failed connect a client waits: a busy client of a dead server would otherwise only measure how fast connects fail.
    private static readonly PauseRange s_afterFailedConnect = PauseRange.Milliseconds(20, 100);

    private readonly KindTally _tally;
    private readonly ResponseJudge _judge;
    private readonly PauseRange _thinkTime;
    private readonly Pause _pause = new();
    private ReleaseTally? _release;
    private bool _firstSurvives;
    private bool _openedForThis;

    protected ProveClient(RunContext run, ClientKind kind, RequestText text)
    {
        Run = run;
        Kind = kind;
        Text = text;
        _tally = run.Accounts.Kinds[(int)kind];
        _thinkTime = run.Options.ThinkTimeOf(kind);
        var expectsBody = run.Options.ExpectBody is not null && !ClientKinds.IsUpload(kind) && kind != ClientKind.Download;
        var expected = expectsBody ? new ExpectedText(run.Options.ExpectBody!) : null;
        Parser = new ResponseParser(run.Limits, run.Options.ReleaseHeader, expected);
        _judge = new ResponseJudge(run.Options, Parser);
        var readsSlowly = kind == ClientKind.Download;
        Connection = new ClientConnection(
            run.EndPoint, readsSlowly ? SlowReaderBufferBytes : BufferBytes, readsSlowly ? SlowReaderBufferBytes : null);
    }

    public ClientConnection Connection { get; }

    protected RunContext Run { get; }

    protected ClientKind Kind { get; }

    protected RequestText Text { get; }

    protected ResponseParser Parser { get; }

    public async Task RunAsync()
    {
        if (ClientKinds.KeepsConnection(Kind))
            await OpenFirstAsync();
        while (await ThinkAsync() && await ExchangeAsync())
        {
            if (!Connection.Disarm())
                EndConnection(_tally.CountCloseUnderRequest);
        }
        Finish();
    }

    // Ends a pause under way; called when the run stops.
    public void Wake() => _pause.End();

    public void Dispose()
    {
        _pause.Dispose();
        Connection.Dispose();
    }

    // Carries out the next request, or a few at once. False when the run has no more requests to give.
    protected abstract ValueTask<bool> ExchangeAsync();

    protected ValueTask PauseAsync(PauseRange range) => _pause.For(range.Draw(Random.Shared));

    // Gets a connection ready for the requests from this number on. On false they are settled and there is nothing to send on.
    protected async ValueTask<bool> PrepareAsync(long first, int count)
    {
        Connection.Arm(Run.DeadlineFromNow());
        _openedForThis = !Connection.IsOpen;
        if (!_openedForThis)
            return IsStillOpen(count);
        var error = await Connection.OpenAsync();
        if (error == SocketError.Success)
        {
            _tally.CountOpened();
            return true;
        }
        var what = Connection.IsLate ? "no connection within the request timeout" : $"connect failed: {error}";
        for (var i = 0; i < count; i++)
            Fail(first + i, RequestOutcome.LostConnectFailed, what);
        Connection.Close();
        await PauseAsync(s_afterFailedConnect);
        return false;
    }

    // Sends the first bytes of the requests from this number on. On false nothing of them went out, and they are settled: an idle
    // connection was reset after it had been looked at. On a connection opened for them that is a loss, which reading will find.
    protected async ValueTask<bool> SendFirstAsync(ReadOnlyMemory<byte> bytes, int count)
    {
        var error = await Connection.SendAsync(bytes);
        if (error == SocketError.Success || _openedForThis || Connection.IsLate)
            return true;
        _tally.CountUnannouncedClose();
        SettleNotSent(count);
        return false;
    }

    // Reads one response into the parser, from what is buffered already or from the connection.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected async ValueTask<ResponseEnd> ReadResponseAsync()
    {
        Parser.Begin(toHead: false);
        while (true)
        {
            var status = Parser.Feed(Connection.Received, out var consumed);
            Connection.Consume(consumed);
            if (status != ResponseStatus.Incomplete)
                return EndOf(status);
            await BeforeReceiveAsync();
            var error = await Connection.ReceiveAsync();
            if (error != SocketError.Success)
                return new ResponseEnd(ResponseEndKind.ConnectionEnded, error);
            if (Connection.Received.IsEmpty)
                return EndOf(Parser.EndOfStream());
            OnReceived();
        }
    }

    protected virtual ValueTask BeforeReceiveAsync() => ValueTask.CompletedTask;

    protected virtual void OnReceived()
    {
    }

    // Books the end of one request. True when the connection can carry the next one.
    protected bool Settle(long number, ResponseEnd end, TimeSpan latency, bool isFollower = false, bool othersFollow = false)
    {
        var bytesFollow = !othersFollow && !Connection.Received.IsEmpty;
        var late = Connection.IsLate;
        Connection.Requests++;
        var outcome = _judge.Judge(end, late, isFollower, number, bytesFollow);
        if (outcome == RequestOutcome.Answered)
            CountAnswer(latency);
        else
            Fail(number, outcome, _judge.Describe(outcome, end));
        if (end.Kind != ResponseEndKind.Complete || bytesFollow || late)
            return EndConnection(_tally.CountCloseUnderRequest);
        if (!ClientKinds.KeepsConnection(Kind))
            return EndConnection(null);
        return Parser.KeepAlive || EndConnection(_tally.CountAnnouncedClose);
    }

    protected void SettleUnanswered(long first, int count, string why)
    {
        for (var i = 0; i < count; i++)
        {
            Connection.Requests++;
            Fail(first + i, RequestOutcome.LostUnanswered, why);
        }
    }

    private static ResponseEnd EndOf(ResponseStatus status) => new(status switch
    {
        ResponseStatus.Complete => ResponseEndKind.Complete,
        ResponseStatus.Malformed => ResponseEndKind.Malformed,
        _ => ResponseEndKind.ConnectionEnded,
    });

    // A connection opened before any request exists. When it fails the first request tries anew and is booked then.
    private async Task OpenFirstAsync()
    {
        await Run.FirstConnects.WaitAsync();
        try
        {
            Connection.Arm(Run.DeadlineFromNow());
            _firstSurvives = await Connection.OpenAsync() == SocketError.Success;
        }
        finally
        {
            Run.FirstConnects.Release();
        }
        _firstSurvives &= Connection.Disarm();
        if (!_firstSurvives)
        {
            Connection.Close();
            return;
        }
        _tally.CountOpened();
        _tally.CountOpenedAtBeginning();
    }

    private async ValueTask<bool> ThinkAsync()
    {
        if (Run.Stopping)
            return false;
        var pause = PauseAsync(_thinkTime);
        // The run may have stopped, and its call to wake missed, just before this pause began.
        if (Run.Stopping)
            Wake();
        await pause;
        return !Run.Stopping;
    }

    private bool IsStillOpen(int count)
    {
        if (!CountIfEnded(Connection.Look()))
            return true;
        SettleNotSent(count);
        return false;
    }

    private void SettleNotSent(int count)
    {
        for (var i = 0; i < count; i++)
            _tally.CountOutcome(RequestOutcome.NotSent);
        EndConnection(null);
    }

    private bool CountIfEnded(ClientConnection.IdleState state)
    {
        if (state == ClientConnection.IdleState.HoldsBytes)
            _tally.CountUnsolicited();
        else if (state != ClientConnection.IdleState.Open)
            _tally.CountUnannouncedClose();
        return state != ClientConnection.IdleState.Open;
    }

    private void CountAnswer(TimeSpan latency)
    {
        _tally.CountOutcome(RequestOutcome.Answered);
        Record(latency);
        if (!Parser.NamesRelease)
        {
            Run.Accounts.Releases.CountUnnamed();
            return;
        }
        var now = Run.Accounts.Now;
        if (!ReferenceEquals(_release?.Name, Parser.Release) && _release?.Name != Parser.Release)
            GoOverTo(Run.Accounts.Releases.Find(Parser.Release!, now), now);
        _release!.Count(now);
    }

    private void Record(TimeSpan latency)
    {
        var began = Stopwatch.GetTimestamp() - (long)(latency.TotalSeconds * Stopwatch.Frequency);
        var isMarked = Run.Accounts.Marker?.Touches(began) ?? false;
        (isMarked ? _tally.MarkedLatencies : _tally.OtherLatencies).Record(latency);
    }

    private void GoOverTo(ReleaseTally next, TimeSpan now)
    {
        if (_release is not null && _release != next)
            Run.Accounts.Releases.Changed(_release, next, now);
        _release = next;
    }

    private void Fail(long number, RequestOutcome outcome, string what)
    {
        _tally.CountOutcome(outcome);
        Run.Accounts.Failures.Add(() => new RequestFailure
        {
            Request = number,
            Kind = Kind,
            Outcome = outcome,
            AtMs = Run.Accounts.Now.TotalMilliseconds,
            What = what,
            LocalPort = Connection.LocalPort,
            OnConnection = Connection.Requests,
            LastRelease = _release?.Name,
        });
    }

    private bool EndConnection(Action? count)
    {
        count?.Invoke();
        _firstSurvives = false;
        Connection.Close();
        return false;
    }

    private void Finish()
    {
        if (Connection.IsOpen && !CountIfEnded(Connection.Look()) && _firstSurvives)
            _tally.CountSurvived();
        Connection.Close();
    }
}
