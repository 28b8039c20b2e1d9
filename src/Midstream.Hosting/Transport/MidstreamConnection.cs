using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Connections;
using Midstream.Control.HandOver;
using Midstream.Core.Drain;
using Midstream.Hosting.Drain;

namespace Midstream.Hosting.Transport;

/// <summary>
/// A connection that can be let go of: socket, pipes and the two loops between them, written so that at a request boundary
/// the descriptor and the unread bytes come out whole instead of being shut down.
/// </summary>
/// <remarks>
/// Life: <see cref="Start"/>, then the server reads and writes, then <see cref="DisposeAsync"/> by the server. A connection
/// between two requests departs while the server waits, and is only cleared away afterwards. Of the others, what has left at a
/// boundary of its protocol goes to its <see cref="IConnectionHome"/> for a new home when the server is done, and what has not is
/// closed.
/// </remarks>
internal sealed class MidstreamConnection
    : DefaultConnectionContext, IMemoryPoolFeature, IConnectionSocketFeature, IDeparture
{
    private const int MinimumRead = 2048;
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    private readonly IConnectionHome _home;
    private readonly PipeWriter _input;
    private readonly PipeReader _output;
    private readonly CancellationTokenSource _closed = new();
    private CancellationTokenSource _receiving = new();
    private byte[] _prefix;
    private Task _receiveLoop = Task.CompletedTask;
    private Task _sendLoop = Task.CompletedTask;
    private readonly Outflow _outflow;
    private readonly Passage? _passage;
    private bool _inRequest;
    private bool _isResumed;
    private bool _endIsAnnounced;
    private int _shutDown;
    private volatile bool _inputHasEnded;
    private volatile bool _isDeparting;
    private volatile bool _isAborted;
    private bool _hasGone;

    public MidstreamConnection(IConnectionHome home, GatedListener listener, Arrival arrival, TransportSettings settings)
        : base(ConnectionIds.Next())
    {
        _home = home;
        _passage = arrival.Passage;
        _prefix = _passage is null ? arrival.Unread : [.. _passage.Opening.Span, .. arrival.Unread];
        Socket = arrival.Socket;
        Listener = listener;
        Origin = arrival.Origin;
        CannotMove = arrival.CannotMove;
        MemoryPool = settings.MemoryPool;

        Streams = new StreamsInTls(TellByItself);
        Boundary = new RequestBoundary(() => _home.HasChanged(this));
        if (IsResuming)
            Boundary.BeginWithin();
        var input = new Pipe(settings.InputOptions);
        var output = new Pipe(settings.OutputOptions);
        _input = input.Writer;
        _output = output.Reader;
        var answer = _passage is { Kind: PassageKind.WebSocket } ? new SwallowedAnswer() : null;
        _outflow = new Outflow(_output, Socket, answer) { Swallowed = IsAnswered };
        Reader = new BoundaryReader(input.Reader, Boundary, FirstWord, this);
        Transport = new Duplex(Reader, output.Writer);
        Application = new Duplex(_output, _input);

        LocalEndPoint = Socket.LocalEndPoint;
        RemoteEndPoint = Socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        Features.Set<IMemoryPoolFeature>(this);
        Features.Set<IConnectionSocketFeature>(this);
        Features.Set(this);
    }

    /// <summary>Gets where the connection stands between requests.</summary>
    public RequestBoundary Boundary { get; }

    /// <summary>Gets the streams of HTTP/2 inside TLS.</summary>
    public StreamsInTls Streams { get; }

    /// <summary>Gets the input as the server sees it.</summary>
    public BoundaryReader Reader { get; }

    /// <summary>Gets whether the server has read anything yet.</summary>
    public Newcomers.FirstWord FirstWord { get; } = new();

    /// <summary>Gets what the connection has turned out to carry.</summary>
    public ConnectionKind Kind => !IsResuming ? Boundary.Kind
        : _passage!.Kind == PassageKind.WebSocket ? ConnectionKind.MovableWebSocket : ConnectionKind.MovableStream;

    /// <summary>Gets whether nothing is under way on the connection, as far as that is known.</summary>
    public bool IsIdle => Kind switch
    {
        ConnectionKind.Tls => !Volatile.Read(ref _inRequest),
        ConnectionKind.Http2OverTls => Streams.IsIdle,
        _ => Boundary.MayLeave,
    };

    /// <summary>Gets the listener the connection arrived on.</summary>
    public GatedListener Listener { get; }

    /// <summary>Gets the socket the listener accepts from.</summary>
    public ListenerBinding Binding => Listener.Binding;

    /// <summary>Gets whether this is the supervisor's own connection, which nobody minds losing.</summary>
    public bool IsPrivate => Origin == ArrivalOrigin.Supervisor;

    /// <summary>Gets from where the connection came.</summary>
    public ArrivalOrigin Origin { get; }

    /// <summary>Gets the memory that the pipes are made of.</summary>
    public MemoryPool<byte> MemoryPool { get; }

    /// <summary>Gets the socket.</summary>
    public Socket Socket { get; }

    /// <summary>Gets whether the connection has been refused a new home before, and has to end here.</summary>
    public bool CannotMove { get; private set; }

    /// <summary>Gets whether the connection is on its way to another home.</summary>
    public bool IsLeaving => Reader.HasLeft || _isDeparting;

    /// <summary>Gets whether the client has been told, or is to be told with the next response, that the connection will
    /// end.</summary>
    public bool EndIsAnnounced
    {
        get => Volatile.Read(ref _endIsAnnounced);
        private set => Volatile.Write(ref _endIsAnnounced, value);
    }

    /// <summary>Gets whether the client has been told: by a response's head or a frame of its protocol.</summary>
    public bool ClientWasTold { get; private set; }

    /// <summary>Gets whether the connection was ended between two requests without a word.</summary>
    public bool WasHalfClosed { get; private set; }

    /// <summary>Gets or sets what the connection was taken for when its end was announced; null when it was not.</summary>
    public ConnectionKind? AnnouncedAs { get; set; }

    /// <summary>Gets or sets whether something was under way when the connection was asked for.</summary>
    public bool WasBusy { get; set; }

    /// <summary>Gets or sets whether the connection has one of the turns to leave.</summary>
    public bool HasTurn { get; set; }

    /// <summary>Gets whether the connection comes from the middle of another process's conversation, and the application has not
    /// taken that up yet.</summary>
    public bool IsResuming => _passage is not null && !_isResumed;

    /// <summary>Starts the loops; the server may read from then on.</summary>
    public void Start()
    {
        // Who accepted or adopted the connection has nothing to say in its loops: a context of theirs would be put up and taken
        // down again for every event of the connection's life.
        using var ownContext = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _receiveLoop = ReceiveAsync();
        _sendLoop = SendAsync();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _isAborted = true;
        Interlocked.MemoryBarrier();
        // Who leaves has nothing to fear: the server gives up an input that has ended, and the connection goes on elsewhere.
        if (!IsLeaving)
            BreakOff();
    }

    /// <summary>No other process can serve the connection: it has to end in this one.</summary>
    public void MustEndHere() => CannotMove = true;

    async ValueTask<Departure> IDeparture.DepartAsync()
    {
        if (!await _outflow.SentAsync())
            return Departure.IsBroken;
        _isDeparting = true;
        await StopReceivingAsync();
        if (Volatile.Read(ref _shutDown) != 0)
            return Departure.IsBroken;
        if (!_inputHasEnded)
        {
            var unread = Reader.TakeUnread();
            // Takes the cancellation back that nobody has met, or the first flush after a return would.
            await _input.FlushAsync();
            if (await _home.TryDepartAsync(this, [.. Boundary.ProxyHeader, .. unread]))
            {
                _hasGone = true;
                return Departure.HasGone;
            }

            GoOnReceiving(unread);
        }

        _isDeparting = false;
        Interlocked.MemoryBarrier();
        if (_isAborted)
            BreakOff();
        // One that its client has ended meanwhile is to come to its end here, and not to try again.
        if (!_inputHasEnded)
            _home.HasChanged(this);
        return Departure.Stays;
    }

    /// <summary>An HTTP/1.x request starts, or its response: nothing of a head is written yet, so this is a moment to say that
    /// it is the last. There is no other: a close that is asked for while a head is being written may come unannounced.</summary>
    public void HeadIsAhead()
    {
        Volatile.Write(ref _inRequest, true);
        if (!EndIsAnnounced)
            return;
        ClientWasTold = true;
        WasHalfClosed = false;
        RequestClose();
    }

    /// <summary>An HTTP/1.x response is complete.</summary>
    /// <param name="bodyWasRead">True when a chunked request body is known to be read to its end.</param>
    public void RequestEnds(bool bodyWasRead)
    {
        Volatile.Write(ref _inRequest, false);
        Boundary.RequestEnded(bodyWasRead);
    }

    /// <summary>Makes the next response whose head is written the connection's last, and has it say so.</summary>
    public void AnnounceClose() => EndIsAnnounced = true;

    /// <summary>Ends an idle connection without a word, and reads on until the client has ended it too.</summary>
    public void HalfClose()
    {
        WasHalfClosed = true;
        EndIsAnnounced = true;
        // Not asked of the server where it can be avoided: it may not have taken the connection up yet, and would not hear of it.
        if (Kind is ConnectionKind.Tls or ConnectionKind.Http2OverTls)
            RequestClose();
        else
            Reader.EndAtBoundary();
    }

    /// <summary>The connection carries something that cannot be followed from outside.</summary>
    /// <param name="kind">What it is.</param>
    public void TurnsOutToBe(ConnectionKind kind)
    {
        Boundary.TurnedOutToBe(kind);
        _home.HasChanged(this);
    }

    /// <summary>The application speaks a protocol that is followed.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="protocol">Who follows it.</param>
    public void IsFollowed(ConnectionKind kind, IMovableProtocol protocol)
    {
        Boundary.Follow(kind, protocol);
        _home.HasChanged(this);
    }

    /// <summary>Takes what the process before has left for the application, once.</summary>
    /// <param name="kind">What the application is about to speak.</param>
    /// <returns>The passage; null for a connection that began here.</returns>
    public Passage? Resume(PassageKind kind)
    {
        if (_passage?.Kind != kind || _isResumed)
            return null;
        _isResumed = true;
        return _passage;
    }

    /// <summary>Tells a WebSocket's client to begin anew, because this process cannot go on with it.</summary>
    public void RefuseToGoOn()
    {
        Interject(AnnouncingFrames.WebSocketRestart, mute: true);
        RequestClose();
    }

    private void TellByItself()
    {
        ClientWasTold = true;
        RequestClose();
    }

    /// <summary>Asks the server to end the connection in its protocol's way: <c>Connection: close</c>, GOAWAY; at once when
    /// idle.</summary>
    public void RequestClose()
    {
        EndIsAnnounced = true;
        Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    /// <summary>Announces the end by a frame of the connection's protocol, between two flushes of the server.</summary>
    /// <param name="frame">The bytes.</param>
    /// <param name="mute">True when nothing of the server's may follow: its output is thrown away from then on.</param>
    public void Interject(byte[] frame, bool mute)
    {
        EndIsAnnounced = true;
        ClientWasTold = true;
        _outflow.Interject(frame, mute);
    }

    public override async ValueTask DisposeAsync()
    {
        await Transport.Output.CompleteAsync();
        await Reader.CompleteAsync();
        await _sendLoop;

        if (_hasGone)
            await ClearAwayAsync();
        else if (Reader.HasLeft && Volatile.Read(ref _shutDown) == 0)
            await LeaveAsync();
        else
            await CloseAsync();

        _closed.Dispose();
        _receiving.Dispose();
        await base.DisposeAsync();
    }

    private async Task LeaveAsync()
    {
        await StopReceivingAsync();
        var unread = Reader.TakeUnread();
        await ClearAwayAsync();
        var passage = Boundary.Protocol?.TakePassage();
        var leaving = passage is null ? [.. Boundary.ProxyHeader, .. unread] : unread;
        await _home.RehomeAsync(this, new Arrival(Socket, leaving, ArrivalOrigin.Returned, CannotMove, passage));
    }

    // The order matters to who gives the socket away: a receive that is still pending when it is disposed makes .NET set
    // SO_LINGER{1,0}, and the option would go with the shared connection to its new home. Only the socket listens to the
    // cancellation, so it need not be carried out on another thread.
    private Task StopReceivingAsync()
    {
        _receiving.Cancel();
        _input.CancelPendingFlush();
        return _receiveLoop;
    }

    private void GoOnReceiving(byte[] unread)
    {
        _receiving.Dispose();
        _receiving = new CancellationTokenSource();
        _prefix = unread;
        using var ownContext = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _receiveLoop = ReceiveAsync();
    }

    private ValueTask ClearAwayAsync()
    {
        Reader.End();
        return _input.CompleteAsync();
    }

    private async Task CloseAsync()
    {
        if (EndIsAnnounced)
            await LingerAsync();
        ShutDown();
        await _receiveLoop;
        Socket.Dispose();
        _home.Closed(this);
    }

    // What the client sent before it learnt of the end would be answered with a reset if the socket were closed on top of
    // it, and the reset would overtake the last response. So: no more from us, and read until the client is done as well.
    private async Task LingerAsync()
    {
        await _receiving.CancelAsync();
        await _receiveLoop;
        using var patience = new CancellationTokenSource(LingerTime);
        var scratch = new byte[MinimumRead];
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
            while (await Socket.ReceiveAsync(scratch, SocketFlags.None, patience.Token) > 0)
            {
            }
        }
        catch (Exception done) when (done is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone, or has had its time.
        }
    }

    private void BreakOff()
    {
        ShutDown();
        _outflow.Abort();
    }

    private void ShutDown()
    {
        if (Interlocked.Exchange(ref _shutDown, 1) != 0)
            return;
        try
        {
            Socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The client was quicker; there is nothing left to shut down.
        }
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            if (_prefix.Length == 0 || await WriteInputAsync(_prefix))
                await ReceiveAllAsync();
        }
        catch (OperationCanceledException) when (_receiving.IsCancellationRequested)
        {
            return;
        }
        catch (SocketException reset) when (reset.SocketErrorCode is SocketError.ConnectionReset)
        {
            error = new ConnectionResetException(reset.Message, reset);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            error = new ConnectionAbortedException(broken.Message, broken);
        }

        if (_receiving.IsCancellationRequested)
            return;
        FirstWord.Heard();
        _inputHasEnded = true;
        await _input.CompleteAsync(error);
        FireClosed();
    }

    // One state machine for the connection's life: a method for each read would cost an allocation for each request.
    private async ValueTask ReceiveAllAsync()
    {
        // A read of nothing waits for data without holding memory: thousands of idle connections cost no buffers.
        while (await new DataAwaiter(Socket.ReceiveAsync(Memory<byte>.Empty, _receiving.Token), _receiving.Token))
        {
            var count = await Socket.ReceiveAsync(_input.GetMemory(MinimumRead), SocketFlags.None, _receiving.Token);
            if (count == 0)
                return;
            _input.Advance(count);
            if (!Continues(await _input.FlushAsync()))
                return;
        }
    }

    private async ValueTask<bool> WriteInputAsync(byte[] bytes) => Continues(await _input.WriteAsync(bytes));

    private static bool Continues(FlushResult flushed) => !flushed.IsCompleted && !flushed.IsCanceled;

    private async Task SendAsync()
    {
        var error = await _outflow.RunAsync();
        if (error is not null)
            ShutDown();
        await _output.CompleteAsync(error);
        _input.CancelPendingFlush();
    }

    // The client is in the middle of a conversation that this release does not take up: the least it can be told is to begin
    // anew.
    private bool IsAnswered(SwallowedAnswer answer)
    {
        if (answer.IsUpgrade && _isResumed)
            return true;
        RefuseToGoOn();
        return false;
    }

    private void FireClosed() =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static closed =>
            {
                try
                {
                    closed.Cancel();
                }
                catch (ObjectDisposedException)
                {
                    // The server has disposed of the connection meanwhile: it knows.
                }
            },
            _closed,
            preferLocal: false);

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
