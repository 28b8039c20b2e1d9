using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Midstream.Hosting.Transport;

/// <summary>
/// A listener with a gate. Behind it, connections come from three sides: accepted from the shared socket while the gate is
/// open, handed over by the generation before, and given by the supervisor for its own requests, whatever the gate.
/// </summary>
/// <remarks>
/// Kestrel alone would accept until it is stopped and then drop what it had accepted but not read. Here accepting stops
/// first, and what was accepted last has a moment to ask. It stops by a token and never by disposal: disposing a socket with
/// an accept pending would spoil the socket that every generation shares.
/// </remarks>
internal sealed partial class GatedListener : IConnectionListener
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly ListenerBinding _binding;
    private readonly IConnectionHome _home;
    private readonly TransportSettings _settings;
    private readonly ILogger _logger;
    private readonly Socket _socket;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Channel<MidstreamConnection> _arrivals =
        Channel.CreateUnbounded<MidstreamConnection>(new UnboundedChannelOptions { SingleReader = true });

    private volatile bool _isUnbound;
    private CancellationTokenSource? _accepting;
    private Task _acceptLoop = Task.CompletedTask;

    public GatedListener(ListenerBinding binding, IConnectionHome home, TransportSettings settings, ILogger logger)
    {
        _binding = binding;
        _home = home;
        _settings = settings;
        _logger = logger;
        // Not owned: the description is shared by every generation and by the supervisor.
        _socket = new Socket(new SafeSocketHandle(binding.Descriptor.Number, ownsHandle: false));
    }

    public EndPoint EndPoint => _binding.EndPoint;

    /// <summary>Gets the socket this listener accepts from.</summary>
    public ListenerBinding Binding => _binding;

    /// <summary>Gets those whom the server waits for when it stops.</summary>
    internal Newcomers Newcomers { get; } = new();

    /// <summary>Opens the gate: connections are accepted from now on.</summary>
    /// <returns>A task that ends when the gate is open.</returns>
    public async Task OpenAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_accepting is not null)
                return;
            _accepting = new CancellationTokenSource();
            _acceptLoop = AcceptLoopAsync(_accepting.Token);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Closes the gate. What has been accepted is served; what has not stays in the kernel's queue for others.</summary>
    /// <returns>A task that ends when no accept is pending any more.</returns>
    public async Task CloseAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_accepting is null)
                return;
            await _accepting.CancelAsync();
            await _acceptLoop;
            _accepting.Dispose();
            _accepting = null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Serves a connection that has come in another way than by accept.</summary>
    /// <param name="arrival">The connection; owned by this listener from now on.</param>
    /// <param name="hasSpoken">Whether its client is known to have sent something that the server has not read.</param>
    public void Adopt(Arrival arrival, bool hasSpoken = false)
    {
        var connection = new MidstreamConnection(_home, this, arrival, _settings);
        if (hasSpoken || arrival.Origin == ArrivalOrigin.Accepted)
            Newcomers.Add(connection.FirstWord);
        _home.Arrived(connection);
        connection.Start();
        if (_arrivals.Writer.TryWrite(connection))
            return;
        connection.Abort(new ConnectionAbortedException("The server has stopped."));
        _ = connection.DisposeAsync().AsTask();
    }

    /// <summary>Serves a connection that stands between two requests as soon as its client speaks.</summary>
    /// <param name="arrival">The connection; owned by this listener from now on.</param>
    public void Park(Arrival arrival)
    {
        var parked = new ParkedConnection(_home, this, arrival, _settings.KeepAliveTimeout);
        _home.Arrived(parked);
        parked.Start();
        // A stop may have looked for parked ones before this one was there.
        if (_isUnbound)
            _ = parked.WakeAsync();
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _arrivals.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_arrivals.Reader.TryRead(out var connection))
                return connection;
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await CloseAsync();
        _isUnbound = true;
        // The server ends idle connections in its own way, and has to know them for that.
        await _home.WakeAsync(this);
        _arrivals.Writer.TryComplete();
        // Kestrel closes what has not asked as soon as this returns.
        await Newcomers.HeardAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        _socket.Dispose();
        _gate.Dispose();
    }

    private async Task AcceptLoopAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(cancellationToken);
                if (_settings.NoDelay && socket.ProtocolType == ProtocolType.Tcp)
                    socket.NoDelay = true;
                Adopt(new Arrival(socket, Unread: []));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException refused)
            {
                // A client that gave up in the queue, or no descriptors left (EMFILE): neither may end the accepting.
                LogAcceptFailed(_binding.Url, refused);
                await Task.Delay(RetryDelay, CancellationToken.None);
            }
        }
    }

    [LoggerMessage(EventId = 110, EventName = "AcceptFailed", Level = LogLevel.Warning,
        Message = "Accepting on {Url} failed; trying again.")]
    private partial void LogAcceptFailed(string url, Exception error);
}
