using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Kestrel's transport in a worker: whatever address the application asks to listen on, it gets the supervisor's socket for it.
/// </summary>
internal sealed class MidstreamTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly WorkerIdentity _worker;
    private readonly IConnectionHome _home;
    private readonly ILogger<MidstreamTransport> _logger;
    private readonly TransportSettings _settings;
    private readonly ConcurrentDictionary<int, GatedListener> _listeners = new();

    public MidstreamTransport(
        WorkerIdentity worker,
        IConnectionHome home,
        IMemoryPoolFactory<byte> pools,
        IOptions<SocketTransportOptions> options,
        IOptions<KestrelServerOptions> server,
        ILogger<MidstreamTransport> logger)
    {
        _worker = worker;
        _home = home;
        _logger = logger;
        _settings = new TransportSettings(options.Value, server.Value, pools);
    }

    /// <summary>Gets the listeners that the server has bound.</summary>
    public IEnumerable<GatedListener> Listeners => _listeners.Values;

    /// <summary>Finds the listener of a socket.</summary>
    /// <param name="id">The supervisor's id of the socket.</param>
    /// <returns>The listener; null when the application does not listen on that socket.</returns>
    public GatedListener? Find(int id) => _listeners.GetValueOrDefault(id);

    public bool CanBind(EndPoint endpoint) =>
        endpoint is IPEndPoint or System.Net.Sockets.UnixDomainSocketEndPoint or FileHandleEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var binding = _worker.Listeners.FirstOrDefault(candidate => IsFor(candidate, endpoint))
            ?? throw new InvalidOperationException(
                $"The application wants to listen on {endpoint}, which is not among this service's sockets " +
                $"({string.Join(", ", _worker.Listeners.Where(known => !known.IsDatagram).Select(known => known.Url))}). " +
                "Add the address to \"listen\" in midstream.json, or give it with --listen.");

        var listener = new GatedListener(binding, _home, _settings, _logger);
        if (!_listeners.TryAdd(binding.Id, listener))
            throw new AddressInUseException($"The application listens twice on {binding.Url}.");
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    private static bool IsFor(ListenerBinding binding, EndPoint endpoint) => !binding.IsDatagram && (
        endpoint is FileHandleEndPoint handle
            ? handle.FileHandle == (ulong)binding.Descriptor.Number
            : binding.IsAt(endpoint));
}
