// A server that stops when a client has just connected and is about to ask.

using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Tests;

public sealed class NewcomersTests
{
    private const int UntilClosedMicroseconds = 50_000;

    [Fact]
    public async Task Stop_WhenAClientHasJustConnected_AnswersItsRequest()
    {
        await using var scene = await KestrelScene.StartAsync(context => context.Response.WriteAsync("answered"));
        // As long as a busy machine may need for the rest of the test.
        scene.Transport.Find(KestrelScene.ListenerId)!.Newcomers.Patience = Bounded.Patience;
        var (client, _) = await scene.ConnectAsync();
        using var connected = client;

        var stopped = scene.StopAsync();
        Assert.False(client.Poll(UntilClosedMicroseconds, SelectMode.SelectRead), "The connection was closed.");
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        var response = await KestrelScene.ReadToEndAsync(client);
        Assert.Contains("answered", response, StringComparison.Ordinal);
        await stopped;
    }

    // On a busy machine a request may lie there for a while before the server looks at it.
    [Fact]
    public async Task Stop_WhenARequestHasArrivedAndIsNotRead_AnswersIt()
    {
        var readOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scene = await KestrelScene.StartAsync(
            context => context.Response.WriteAsync("answered"),
            next => async connection =>
            {
                await readOn.Task;
                await next(connection);
            });
        scene.Transport.Find(KestrelScene.ListenerId)!.Newcomers.Patience = Bounded.Patience;
        var (client, _) = await scene.ConnectAsync();
        using var connected = client;
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

        var stopped = scene.StopAsync();
        Assert.False(client.Poll(UntilClosedMicroseconds, SelectMode.SelectRead), "The connection was closed.");
        readOn.SetResult();

        Assert.Contains("answered", await KestrelScene.ReadToEndAsync(client), StringComparison.Ordinal);
        await stopped;
    }

    [Fact]
    public async Task Stop_WhenAClientConnectsAndIsSilent_WaitsForAMomentAndNoLonger()
    {
        await using var scene = await KestrelScene.StartAsync(context => context.Response.WriteAsync("answered"));
        var (client, _) = await scene.ConnectAsync();
        using var connected = client;
        var began = Stopwatch.GetTimestamp();

        await scene.StopAsync();

        Assert.Equal("", await KestrelScene.ReadToEndAsync(client));
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromMilliseconds(100), Bounded.Patience);
    }

    [Fact]
    public async Task Heard_OfThoseWhoHaveSpokenOrLeft_IsAtOnce()
    {
        var newcomers = new Newcomers { Patience = Bounded.Patience };
        var spoken = new Newcomers.FirstWord();
        newcomers.Add(spoken);
        Assert.False(newcomers.HeardAsync().IsCompleted);

        spoken.Heard();

        Assert.True(newcomers.HeardAsync().IsCompleted);
        await newcomers.HeardAsync();
    }
}
