// A real Kestrel on a real listening descriptor, with Midstream's transport and marker in it and the test in the place of the
// worker's connections: it sees each connection arrive, and gets those that leave.

using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Midstream.Control.Workers;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Drain;
using Midstream.Hosting.Requests;
using Midstream.Hosting.Transport;
using Midstream.Hosting.Worker;
using Midstream.Linux;

namespace Midstream.Hosting.Tests;

internal sealed class KestrelScene : IAsyncDisposable, IConnectionHome
{
    internal const int ListenerId = 7;

    private readonly Channel<MidstreamConnection> _arrived = Channel.CreateUnbounded<MidstreamConnection>();
    private readonly Channel<(Socket Socket, byte[] Unread)> _left = Channel.CreateUnbounded<(Socket, byte[])>();
    private readonly Channel<MidstreamConnection> _closed = Channel.CreateUnbounded<MidstreamConnection>();
    private readonly WebApplication _application;
    private readonly WorkerIdentity _worker;
    private readonly EndPoint _address;

    private KestrelScene(RequestDelegate answer, Func<ConnectionDelegate, ConnectionDelegate>? before)
    {
        using var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        _address = ListeningSocket.LocalEndPoint(socket);
        var url = $"http://{_address}";
        var (control, otherEnd) = SeqPacketChannel.CreateDescriptorPair();
        otherEnd.Dispose();
        _worker = MakeWorker(new WorkerEnvironment(
            1, "tested", 1, 1, "0123456789ab", Release(control), null, null,
            [new WorkerListener(ListenerId, Release(socket.Duplicate()), "http", url)]));

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        if (before is not null)
            builder.WebHost.ConfigureKestrel(server => server.ConfigureEndpointDefaults(endpoint => endpoint.Use(before)));
        builder.Services.AddSingleton(_worker);
        builder.Services.AddSingleton(new WorkerCounters(TimeProvider.System));
        builder.Services.AddSingleton<IConnectionHome>(this);
        builder.Services.AddSingleton<IHandOverNotice, HandOverNotice>();
        builder.Services.AddSingleton<MidstreamTransport>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<MidstreamTransport>());
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, RequestMarker>());
        _application = builder.Build();
        _application.Run(answer);
    }

    /// <summary>Gets or sets whether a connection that would depart finds a new home: the test.</summary>
    internal bool TakesConnections { get; set; } = true;

    internal MidstreamTransport Transport => _application.Services.GetRequiredService<MidstreamTransport>();

    /// <summary>Starts it.</summary>
    /// <param name="answer">Answers requests.</param>
    /// <param name="before">Sees each connection before the server reads of it; null for nobody.</param>
    internal static async Task<KestrelScene> StartAsync(
        RequestDelegate answer, Func<ConnectionDelegate, ConnectionDelegate>? before = null)
    {
        var scene = new KestrelScene(answer, before);
        await scene._application.StartAsync(Bounded.Token());
        await scene.Transport.Find(ListenerId)!.OpenAsync();
        return scene;
    }

    /// <summary>Stops the server in order.</summary>
    internal Task StopAsync() => _application.StopAsync(Bounded.Token());

    /// <summary>Connects a client, and returns it with the connection as the server has it.</summary>
    internal async Task<(Socket Client, MidstreamConnection Connection)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(_address, Bounded.Token());
        return (client, await ArrivedAsync());
    }

    internal async Task<MidstreamConnection> ArrivedAsync() => await _arrived.Reader.ReadAsync(Bounded.Token());

    /// <summary>Waits for the next connection to leave: its socket, now ours, and the bytes the server was never shown.</summary>
    internal async Task<(Socket Socket, byte[] Unread)> LeftAsync() => await _left.Reader.ReadAsync(Bounded.Token());

    internal async Task ClosedAsync() => await _closed.Reader.ReadAsync(Bounded.Token());

    internal static async Task SendAsync(Socket socket, string text) =>
        await socket.SendAsync(Encoding.ASCII.GetBytes(text), Bounded.Token());

    /// <summary>Reads until the text so far ends as expected, and returns it.</summary>
    internal static async Task<string> ReadUntilAsync(Socket socket, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (await socket.ReceiveAsync(buffer, Bounded.Token()) == 0)
                Assert.Fail($"The connection ended after: {text}");
            text.Append((char)buffer[0]);
        }

        return text.ToString();
    }

    internal static async Task<string> ReadToEndAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = await socket.ReceiveAsync(buffer, Bounded.Token())) > 0)
            text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
        foreach (var listener in _worker.Listeners)
            listener.Dispose();
        _worker.ControlDescriptor.Dispose();
    }

    void IConnectionHome.Arrived(MidstreamConnection connection) => _arrived.Writer.TryWrite(connection);

    void IConnectionHome.HasChanged(MidstreamConnection connection)
    {
    }

    Task<bool> IConnectionHome.TryDepartAsync(MidstreamConnection connection, byte[] unread)
    {
        var isTaken = TakesConnections;
        _left.Writer.TryWrite((connection.Socket, unread));
        return Task.FromResult(isTaken);
    }

    Task IConnectionHome.RehomeAsync(MidstreamConnection connection, Arrival leaving)
    {
        _left.Writer.TryWrite((leaving.Socket, leaving.Unread));
        return Task.CompletedTask;
    }

    void IConnectionHome.Arrived(ParkedConnection connection)
    {
    }

    void IConnectionHome.Unparked(ParkedConnection connection, bool isClosed)
    {
    }

    Task IConnectionHome.WakeAsync(GatedListener listener) => Task.CompletedTask;

    void IConnectionHome.Closed(MidstreamConnection connection) => _closed.Writer.TryWrite(connection);

    private static int Release(FileDescriptor descriptor)
    {
        var number = descriptor.Number;
        descriptor.SetHandleAsInvalid();
        return number;
    }

    // A process takes its identity from its environment once; a test process has many.
    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern WorkerIdentity MakeWorker(WorkerEnvironment environment);
}
