// What we rely on in Kestrel and no document promises: at a request boundary an end of input makes it let go in silence, and
// what it flushes is whole. A new runtime for which these fail needs a fallback before it may be supported.

using Microsoft.AspNetCore.Http;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Tests;

public sealed class KestrelContractTests
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Leave_OfAConnectionNeverUsed_WritesNothingAndLeavesItOpen()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerPath);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;

        connection.Reader.Leave();

        var (socket, unread) = await scene.LeftAsync();
        using var left = socket;
        Assert.Empty(unread);
        await AssertSilentAndOpenAsync(client, left);
    }

    [Fact]
    public async Task Leave_OfAnIdleConnection_WritesNothingAndLeavesItOpen()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerPath);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await AskAsync(client, "one");
        await AskAsync(client, "two");
        await Bounded.UntilAsync(() => connection.Boundary.MayLeave, "the connection is idle");

        connection.Reader.Leave();

        var (socket, unread) = await scene.LeftAsync();
        using var left = socket;
        Assert.Empty(unread);
        await AssertSilentAndOpenAsync(client, left);
    }

    [Fact]
    public async Task Leave_DuringARequest_WritesTheWholeResponseFirstAndDoesNotAnnounceAnEnd()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerInTwoPartsAsync);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await KestrelScene.SendAsync(client, Get("x"));
        await _started.Task.WaitAsync(Bounded.Patience);

        connection.Reader.Leave();
        _gate.SetResult();

        var response = await KestrelScene.ReadUntilAsync(client, "\r\n0\r\n\r\n");
        Assert.DoesNotContain("Connection: close", response, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nbefore\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nafter\r\n", response, StringComparison.Ordinal);
        var (socket, unread) = await scene.LeftAsync();
        using var left = socket;
        Assert.Empty(unread);
        await AssertSilentAndOpenAsync(client, left);
    }

    [Fact]
    public async Task Leave_WithTheNextRequestBehindTheOneUnderWay_TakesItAlongUnread()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerInTwoPartsAsync);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await KestrelScene.SendAsync(client, Get("x") + "GET /next HT");
        await _started.Task.WaitAsync(Bounded.Patience);

        connection.Reader.Leave();
        _gate.SetResult();

        await KestrelScene.ReadUntilAsync(client, "\r\n0\r\n\r\n");
        var (socket, unread) = await scene.LeftAsync();
        using var left = socket;
        Assert.Equal("GET /next HT"u8.ToArray(), unread);
        await AssertSilentAndOpenAsync(client, left);
    }

    [Fact]
    public async Task Leave_WhenHalfAHeadWasShown_AnswersThatRequestFirst()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerPath);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        var request = Get("slow");
        await KestrelScene.SendAsync(client, request[..9]);
        await Bounded.UntilAsync(() => connection.Boundary.State == BoundaryState.Head, "half a head was shown");

        connection.Reader.Leave();
        await KestrelScene.SendAsync(client, request[9..]);

        var response = await KestrelScene.ReadUntilAsync(client, "/slow");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", response, StringComparison.Ordinal);
        var (socket, _) = await scene.LeftAsync();
        using var left = socket;
        await AssertSilentAndOpenAsync(client, left);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\n", "0123456789")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n", "a\r\n0123456789\r\n0\r\n\r\n")]
    public async Task Leave_WithABodyThatTheApplicationDoesNotRead_WaitsForItsLastByte(string framing, string body)
    {
        await using var scene = await KestrelScene.StartAsync(AnswerPath);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await KestrelScene.SendAsync(client, $"POST /up HTTP/1.1\r\nHost: tested\r\n{framing}{body[..4]}");
        await KestrelScene.ReadUntilAsync(client, "/up");

        connection.Reader.Leave();
        await KestrelScene.SendAsync(client, body[4..]);

        var (socket, unread) = await scene.LeftAsync();
        using var left = socket;
        Assert.Empty(unread);
        await AssertSilentAndOpenAsync(client, left);
    }

    [Fact]
    public async Task Stay_AfterALeaveDuringARequest_ServesOn()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerInTwoPartsAsync);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await KestrelScene.SendAsync(client, Get("x"));
        await _started.Task.WaitAsync(Bounded.Patience);

        connection.Reader.Leave();
        connection.Reader.Stay();
        _gate.SetResult();

        await KestrelScene.ReadUntilAsync(client, "\r\n0\r\n\r\n");
        await KestrelScene.SendAsync(client, Get("y"));
        await KestrelScene.ReadUntilAsync(client, "\r\n0\r\n\r\n");
        Assert.False(connection.Reader.HasLeft);
    }

    [Fact]
    public async Task Interject_BetweenTwoFlushes_IsSentBetweenThem()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerInTwoPartsAsync);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await KestrelScene.SendAsync(client, Get("x"));
        await KestrelScene.ReadUntilAsync(client, "before\r\n");

        connection.Interject("<ours>"u8.ToArray(), mute: false);
        Assert.Equal("<ours>", await KestrelScene.ReadUntilAsync(client, "<ours>"));
        _gate.SetResult();

        Assert.Equal("5\r\nafter\r\n0\r\n\r\n", await KestrelScene.ReadUntilAsync(client, "0\r\n\r\n"));
    }

    [Fact]
    public async Task Interject_Muting_LetsNothingOfTheServersFollow()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerInTwoPartsAsync);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await KestrelScene.SendAsync(client, Get("x"));
        await KestrelScene.ReadUntilAsync(client, "before\r\n");

        connection.Interject("<ours>"u8.ToArray(), mute: true);
        await KestrelScene.ReadUntilAsync(client, "<ours>");
        _gate.SetResult();
        await Bounded.UntilAsync(() => connection.Boundary.MayLeave, "the response is complete");
        client.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        Assert.Equal("", await KestrelScene.ReadToEndAsync(client));
        await scene.ClosedAsync();
    }

    [Fact]
    public async Task AnnounceClose_OfAnIdleConnection_EndsItWithTheNextResponse()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerPath);
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        await AskAsync(client, "one");
        await Bounded.UntilAsync(() => connection.Boundary.MayLeave, "the connection is idle");

        connection.AnnounceClose();
        await KestrelScene.SendAsync(client, Get("last"));

        var response = await KestrelScene.ReadToEndAsync(client);
        Assert.Contains("Connection: close\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith("/last", response, StringComparison.Ordinal);
    }

    private static string Get(string path) => $"GET /{path} HTTP/1.1\r\nHost: tested\r\n\r\n";

    private static async Task AskAsync(System.Net.Sockets.Socket client, string path)
    {
        await KestrelScene.SendAsync(client, Get(path));
        await KestrelScene.ReadUntilAsync(client, "/" + path);
    }

    // The first byte to arrive is ours: so the server wrote none, and shut nothing down.
    private static async Task AssertSilentAndOpenAsync(System.Net.Sockets.Socket client, System.Net.Sockets.Socket left)
    {
        await KestrelScene.SendAsync(left, "!");
        Assert.Equal("!", await KestrelScene.ReadUntilAsync(client, "!"));
        await KestrelScene.SendAsync(client, "?");
        Assert.Equal("?", await KestrelScene.ReadUntilAsync(left, "?"));
    }

    private static Task AnswerPath(HttpContext context)
    {
        context.Response.ContentLength = context.Request.Path.Value!.Length;
        return context.Response.WriteAsync(context.Request.Path.Value!);
    }

    private async Task AnswerInTwoPartsAsync(HttpContext context)
    {
        await context.Response.WriteAsync("before");
        await context.Response.Body.FlushAsync();
        _started.TrySetResult();
        await _gate.Task.WaitAsync(Bounded.Patience);
        await context.Response.WriteAsync("after");
    }
}
