// A whole worker in this process, with the test as its supervisor: a real Kestrel on a real socket, and the real control channel.

using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Midstream.Control.Workers;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Worker;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Counters;

internal sealed class WorkerScene : IAsyncDisposable
{
    internal const int ListenerId = 7;

    private readonly FdPoller _poller = new();
    private readonly WorkerChannel _channel;
    private readonly Channel<WorkerMessage> _heard = Channel.CreateUnbounded<WorkerMessage>();
    private readonly CancellationTokenSource _listening = new();
    private readonly Task _conversation;
    private readonly WebApplication _application;

    private WorkerScene(RequestDelegate answer, Action<ListenOptions>? listen)
    {
        using var socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
        Address = ListeningSocket.LocalEndPoint(socket);
        var url = $"http://{Address}";
        var (local, remote) = SeqPacketChannel.CreatePair(_poller);
        _channel = new WorkerChannel(local);
        _conversation = ListenAsync();
        var worker = MakeWorker(new WorkerEnvironment(
            1, "tested", 1, 1, "0123456789ab", Release(remote), null, null,
            [new WorkerListener(ListenerId, Release(socket.Duplicate()), "http", url)]));

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        if (listen is not null)
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen((IPEndPoint)Address, listen));
        MidstreamServices.Add(builder.Services, worker);
        _application = builder.Build();
        _application.UseWebSockets();
        _application.Run(answer);
    }

    internal EndPoint Address { get; }

    internal WorkerCounters Counters => _application.Services.GetRequiredService<WorkerCounters>();

    internal static async Task<WorkerScene> StartAsync(
        RequestDelegate answer, FileDescriptor? handOver = null, Action<ListenOptions>? listen = null)
    {
        var scene = new WorkerScene(answer, listen);
        await scene._application.StartAsync(Bounded.Token());
        await scene.SayAsync(new ActivateMessage(), handOver is null ? [] : [handOver]);
        await scene.HearAsync<ActivatedMessage>();
        return scene;
    }

    internal async Task SayAsync(WorkerMessage message, params FileDescriptor[] descriptors) =>
        await _channel.SendAsync(message, descriptors, Bounded.Token());

    /// <summary>Waits for the next message of a kind.</summary>
    internal async Task<T> HearAsync<T>()
        where T : WorkerMessage
    {
        while (true)
        {
            if (await _heard.Reader.ReadAsync(Bounded.Token()) is T wanted)
                return wanted;
        }
    }

    /// <summary>Gets all that the worker has said and nobody has waited for yet.</summary>
    internal IReadOnlyList<WorkerMessage> TakeHeard()
    {
        var heard = new List<WorkerMessage>();
        while (_heard.Reader.TryRead(out var message))
            heard.Add(message);
        return heard;
    }

    internal async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(Address, Bounded.Token());
        return client;
    }

    /// <summary>Sends a request on a connection of its own and waits for the answer and the connection's end.</summary>
    internal async Task<string> AskOnceAsync(string path)
    {
        using var client = await ConnectAsync();
        await KestrelScene.SendAsync(client, $"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        return await KestrelScene.ReadToEndAsync(client);
    }

    /// <summary>Waits until the counters say so; nothing announces it.</summary>
    internal async Task<WorkerReport> CountedAsync(Func<WorkerReport, bool> holds, string what)
    {
        await Bounded.UntilAsync(() => holds(Counters.Read()), $"{what}; it is {Counters.Read()}");
        return Counters.Read();
    }

    /// <summary>Stops the application, as it does when it is told to.</summary>
    internal Task StopAsync() => _application.StopAsync(Bounded.Token());

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
        await _listening.CancelAsync();
        await _conversation;
        await _channel.DisposeAsync();
        _listening.Dispose();
        _poller.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await _channel.ReceiveAsync(_listening.Token) is { } received)
            {
                using (received)
                    _heard.Writer.TryWrite(received.Message);
            }
        }
        catch (OperationCanceledException)
        {
            // The scene is over.
        }
    }

    private static int Release(FileDescriptor descriptor)
    {
        var number = descriptor.Number;
        descriptor.SetHandleAsInvalid();
        return number;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern WorkerIdentity MakeWorker(WorkerEnvironment environment);
}
