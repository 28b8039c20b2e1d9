using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Midstream.Prove.Clients;

// One client's connection, opened anew when the server ends it, with a receive buffer and a deadline that live as long as the
// client. Nothing here retries. The deadline is not a cancellation token, which would cost a registration for each receive: a
// watch closes the socket of a client that is late, and the lock makes sure that it is the socket of the late request and not of
// the next one.
internal sealed class ClientConnection(EndPoint endPoint, int bufferBytes, int? kernelBufferBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[bufferBytes];
    private Socket? _socket;
    private int _start;
    private int _end;
    private long _deadline = long.MaxValue;
    private bool _late;

    public enum IdleState
    {
        Open,
        Ended,
        Reset,
        HoldsBytes,
    }

    public bool IsOpen => _socket is not null;

    // Of the open connection or, to describe how it ended, of the one before.
    public int LocalPort { get; private set; }

    // Requests this connection has carried that have come to their end.
    public long Requests { get; set; }

    public bool IsLate
    {
        get
        {
            lock (_lock)
                return _late;
        }
    }

    public ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    public void Arm(long deadline)
    {
        lock (_lock)
            _deadline = deadline;
    }

    // Ends the watch over a request. False when it was late after all: the connection is of no use then.
    public bool Disarm()
    {
        lock (_lock)
        {
            _deadline = long.MaxValue;
            return !_late;
        }
    }

    public void CloseIfLate(long now)
    {
        lock (_lock)
        {
            if (now < _deadline || _late)
                return;
            _late = true;
            _socket?.Dispose();
        }
    }

    // After any failure Close is still to be called.
    public async ValueTask<SocketError> OpenAsync()
    {
        (LocalPort, Requests) = (0, 0);
        if (!TryBegin(out var socket))
            return SocketError.TimedOut;
        try
        {
            await socket.ConnectAsync(endPoint);
            LocalPort = (socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
            return SocketError.Success;
        }
        catch (Exception e) when (ErrorOf(e) is not null)
        {
            return ErrorOf(e)!.Value;
        }
    }

    // Looks whether the server has ended the connection, without waiting. Only meaningful between requests.
    public IdleState Look()
    {
        try
        {
            if (!Received.IsEmpty)
                return IdleState.HoldsBytes;
            if (!_socket!.Poll(0, SelectMode.SelectRead))
                return IdleState.Open;
            var count = _socket.Receive(_buffer, 0, 1, SocketFlags.Peek, out var error);
            return error != SocketError.Success ? IdleState.Reset : count == 0 ? IdleState.Ended : IdleState.HoldsBytes;
        }
        catch (Exception e) when (ErrorOf(e) is not null)
        {
            return IdleState.Reset;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SocketError> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[await _socket!.SendAsync(bytes)..];
            return SocketError.Success;
        }
        catch (Exception e) when (ErrorOf(e) is not null)
        {
            return ErrorOf(e)!.Value;
        }
    }

    // Receives into the emptied buffer; Success with nothing received is the end of the stream.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SocketError> ReceiveAsync()
    {
        Debug.Assert(Received.IsEmpty, "received bytes would be overwritten");
        try
        {
            (_start, _end) = (0, 0);
            _end = await _socket!.ReceiveAsync(_buffer.AsMemory());
            return SocketError.Success;
        }
        catch (Exception e) when (ErrorOf(e) is not null)
        {
            return ErrorOf(e)!.Value;
        }
    }

    public void Consume(int bytes) => _start += bytes;

    public void Close()
    {
        lock (_lock)
        {
            _socket?.Dispose();
            _socket = null;
            _late = false;
            _deadline = long.MaxValue;
        }
        (_start, _end) = (0, 0);
    }

    public void Dispose() => Close();

    private bool TryBegin(out Socket socket)
    {
        socket = new Socket(
            endPoint.AddressFamily, SocketType.Stream,
            endPoint.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (endPoint.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;
        if (kernelBufferBytes is { } bytes)
            socket.ReceiveBufferSize = bytes;
        lock (_lock)
        {
            if (!_late)
            {
                _socket = socket;
                return true;
            }
        }
        socket.Dispose();
        return false;
    }

    // A socket that the watch has closed reports whatever it was doing, or nothing at all: those are one thing, aborted.
    private static SocketError? ErrorOf(Exception e) => e switch
    {
        SocketException socket => socket.SocketErrorCode,
        ObjectDisposedException => SocketError.OperationAborted,
        _ => null,
    };
}
