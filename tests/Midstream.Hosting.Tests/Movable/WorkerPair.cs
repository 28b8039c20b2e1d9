// Two whole workers in this process, with the test as their supervisor: connections of the old one are handed to the new one.

using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Midstream.Control.Workers;
using Midstream.Hosting.Tests.Counters;
using Midstream.Linux;

namespace Midstream.Hosting.Tests.Movable;

internal sealed class WorkerPair : IAsyncDisposable
{
    private readonly RequestDelegate _answer;
    private readonly Action<ListenOptions>? _listen;
    private WorkerScene? _new;

    private WorkerPair(WorkerScene old, RequestDelegate answer, Action<ListenOptions>? listen)
    {
        Old = old;
        _answer = answer;
        _listen = listen;
    }

    public WorkerScene Old { get; }

    /// <summary>Starts the old worker.</summary>
    /// <param name="answer">The application of both.</param>
    /// <param name="listen">More about their listener.</param>
    public static async Task<WorkerPair> StartAsync(RequestDelegate answer, Action<ListenOptions>? listen = null) =>
        new(await WorkerScene.StartAsync(answer, null, listen), answer, listen);

    public Task<Socket> ConnectAsync() => Old.ConnectAsync();

    /// <summary>Starts the new worker and has the old one drain into it.</summary>
    /// <param name="timeout">The drain's time.</param>
    /// <param name="answer">The new worker's application, if it is another one.</param>
    public async Task BeginAsync(TimeSpan? timeout = null, RequestDelegate? answer = null)
    {
        var (toNew, toOld) = SeqPacketChannel.CreateDescriptorPair();
        using (toNew)
        using (toOld)
        {
            _new = await WorkerScene.StartAsync(answer ?? _answer, toNew, _listen);
            await Old.SayAsync(new DrainMessage((long)(timeout ?? TimeSpan.FromSeconds(20)).TotalMilliseconds), toOld);
        }
    }

    /// <summary>Waits for the end of the drain.</summary>
    public async Task<DrainReport> EndAsync() => (await Old.HearAsync<DrainedMessage>()).Report;

    /// <summary>Hands everything over.</summary>
    public async Task<DrainReport> HandOverAsync(RequestDelegate? answer = null)
    {
        await BeginAsync(answer: answer);
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Old.DisposeAsync();
        if (_new is not null)
            await _new.DisposeAsync();
    }
}
