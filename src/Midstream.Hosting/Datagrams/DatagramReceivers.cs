using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Hosting.Transport;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Datagrams;

/// <summary>
/// The receivers of this process. In a worker they receive from the supervisor's sockets, and the conversation with it opens and
/// closes their gate; elsewhere each has a socket of its own, and receives from the application's start to its stop.
/// </summary>
/// <param name="registrations">What the application has said.</param>
/// <param name="provider">Has the handlers.</param>
/// <param name="application">Says when the application has started.</param>
/// <param name="logger">For what goes wrong.</param>
/// <param name="worker">Who this process is; null elsewhere than under a supervisor.</param>
internal sealed partial class DatagramReceivers(
    IEnumerable<DatagramRegistration> registrations,
    IServiceProvider provider,
    IHostApplicationLifetime application,
    ILogger<DatagramReceivers> logger,
    WorkerIdentity? worker = null) : IHostedService, IDisposable
{
    private readonly List<DatagramReceiver> _receivers = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var taken = new HashSet<EndPoint>();
        foreach (var registration in registrations)
        {
            var socket = SocketOf(registration.Socket);
            var isFirst = taken.Add(socket.LocalEndPoint!);
            var handler = (IDatagramHandler)provider.GetRequiredService(registration.Handler);
            _receivers.Add(new(registration.Socket, socket, handler, registration.ConcurrencyMax, logger));
            if (!isFirst)
                throw new InvalidOperationException(
                    $"Two handlers are for the datagram socket '{registration.Socket}'; take one out.");
        }

        foreach (var idle in Sockets.Where(socket => !taken.Contains(socket.EndPoint)))
            LogNobodyReceives(idle.Name, idle.Url);
        if (worker is null)
            application.ApplicationStarted.Register(Open);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        try
        {
            await HandledAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(_receivers.Select(static receiver => receiver.GiveUpAsync()));
        }
    }

    /// <summary>Opens the gate.</summary>
    public void Open() => _receivers.ForEach(static receiver => receiver.Open());

    /// <summary>Closes the gate; what was received goes on to be handled.</summary>
    public void Close() => _receivers.ForEach(static receiver => receiver.Close());

    /// <summary>Waits, with the gate closed, until all that was received is handled.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends then.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Task HandledAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_receivers.Select(receiver => receiver.HandledAsync(cancellationToken)));

    public void Dispose() => _receivers.ForEach(static receiver => receiver.Dispose());

    private IEnumerable<ListenerBinding> Sockets => worker?.Listeners.Where(static listener => listener.IsDatagram) ?? [];

    private Socket SocketOf(string said)
    {
        var wanted = DatagramAddress.IsOne(said) ? DatagramAddress.Parse(said) : null;
        if (worker is null)
            return Bind(wanted ?? throw new InvalidOperationException(
                $"The datagram socket '{said}' is known by its name to a supervisor alone; give its address " +
                "(udp://127.0.0.1:5353), or run under 'midstream run'."));

        var found = Sockets.FirstOrDefault(socket => wanted is null ? socket.Name == said : socket.IsAt(wanted))
            ?? throw new InvalidOperationException(
                $"The application handles the datagrams of '{said}', which is not among this service's datagram sockets " +
                $"({string.Join(", ", Sockets.Select(static known => $"{known.Name}: {known.Url}"))}). " +
                "Add it to \"listen\" in midstream.json, as {\"url\": \"udp://address:port\", \"name\": \"...\"}.");
        // Not owned: the description is shared by every generation and by the supervisor.
        return new Socket(new SafeSocketHandle(found.Descriptor.Number, ownsHandle: false));
    }

    private static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [LoggerMessage(EventId = 172, EventName = "NobodyReceives", Level = LogLevel.Warning,
        Message = "Nobody receives from the datagram socket {Name} ({Url}). Add a handler with AddDatagramHandler, or take it " +
            "out of \"listen\".")]
    private partial void LogNobodyReceives(string name, string url);
}
