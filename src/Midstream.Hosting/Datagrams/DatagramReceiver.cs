using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Midstream.Hosting.Datagrams;

/// <summary>
/// Receives from one socket while its gate is open. The socket is shared with the generations before and after: what is not
/// received here stays in the kernel's queue for them. A datagram that was received is always handled.
/// </summary>
/// <remarks>Thread-safe. As with a listener, receiving ends by a token and never by disposal: the socket is not this process's
/// alone.</remarks>
/// <param name="name">What it is called in the log.</param>
/// <param name="socket">The socket; owned by this object.</param>
/// <param name="handler">Handles what is received.</param>
/// <param name="concurrencyMax">How many may be handled at once.</param>
/// <param name="logger">For what goes wrong.</param>
internal sealed partial class DatagramReceiver(
    string name, Socket socket, IDatagramHandler handler, int concurrencyMax, ILogger logger) : IDisposable
{
    // The longest that an IP packet can carry (RFC 768).
    private const int LengthMax = 65_535;
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _givenUp = new();
    private CancellationTokenSource? _open;
    private Task _receiving = Task.CompletedTask;

    /// <summary>Opens the gate.</summary>
    public void Open()
    {
        lock (_lock)
        {
            if (_open is not null)
                return;
            _open = new CancellationTokenSource();
            var open = _open.Token;
            _receiving = Task.WhenAll([
                _receiving, .. Enumerable.Range(0, concurrencyMax).Select(_ => Task.Run(() => ReceiveAsync(open))),
            ]);
        }
    }

    /// <summary>Closes the gate: nothing more is received.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _open?.Cancel();
            _open?.Dispose();
            _open = null;
        }
    }

    /// <summary>Waits, with the gate closed, until all that was received is handled.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Task HandledAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
            return _receiving.WaitAsync(cancellationToken);
    }

    /// <summary>Tells the handlers under way that there is no time left.</summary>
    /// <returns>A task that ends when they are told.</returns>
    public Task GiveUpAsync() => _givenUp.CancelAsync();

    public void Dispose()
    {
        Close();
        socket.Dispose();
        _givenUp.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken open)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(LengthMax, pinned: true);
        var anybody = new IPEndPoint(
            socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!open.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, open);
                await HandleAsync(new Datagram(
                    socket, buffer.AsMemory(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failed)
            {
                LogReceiveFailed(name, failed);
                await Task.Delay(s_retryDelay, CancellationToken.None);
            }
        }
    }

    private async ValueTask HandleAsync(Datagram datagram)
    {
        try
        {
            await handler.HandleAsync(datagram, _givenUp.Token);
        }
#pragma warning disable CA1031 // One datagram that cannot be handled must not end the receiving of the others.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            LogHandlerFailed(name, failed);
        }
    }

    [LoggerMessage(EventId = 170, EventName = "DatagramReceiveFailed", Level = LogLevel.Warning,
        Message = "Receiving on the datagram socket {Name} failed; trying again.")]
    private partial void LogReceiveFailed(string name, Exception error);

    [LoggerMessage(EventId = 171, EventName = "DatagramHandlerFailed", Level = LogLevel.Error,
        Message = "A datagram of the socket {Name} could not be handled.")]
    private partial void LogHandlerFailed(string name, Exception error);
}
