// What we rely on in Kestrel and no document promises: at a request boundary an end of input makes it let go in silence, and
// what it flushes is whole. A new runtime for which these fail needs a fallback before it may be supported.

using Microsoft.AspNetCore.Http;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Tests;

public sealed class KestrelContractTests
{
    // A client that takes its time is what is tested, and what must not happen has no event.
    private static readonly TimeSpan s_slowness = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_wronglySoon = TimeSpan.FromMilliseconds(100);

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
    public async Task Leave_WithAResponseThatIsNotSentYet_SendsItFirst()
    {
        // Less than the server's buffer takes, so that the last piece can wait in it when the application is done.
        const int Piece = 60 * 1024;
        const int Length = 4 * Piece;
        await using var scene = await KestrelScene.StartAsync(static async context =>
        {
            context.Response.ContentLength = Length;
            for (var written = 0; written < Length; written += Piece)
                await context.Response.Body.WriteAsync(new byte[Piece]);
        });
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        connection.Socket.SendBufferSize = 8 * 1024;
        client.ReceiveBufferSize = 16 * 1024;
        await KestrelScene.SendAsync(client, Get("x"));

        // A client so slow that the kernel's buffers, as small as can be, are full all the time: the last piece is still in the
        // server's when the application is done.
        var head = await KestrelScene.ReadUntilAsync(client, "\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        var received = 0;
        while (!connection.Boundary.MayLeave && received < Length)
        {
            received += await ReadSomeAsync(client);
            await Task.Delay(s_slowness, Bounded.Token());
        }

        connection.Reader.Leave();
        var leaving = scene.LeftAsync();
        // It cannot leave before the client reads on; a wrong one does at once.
        await Task.WhenAny(leaving, Task.Delay(s_wronglySoon, Bounded.Token()));
        while (!leaving.IsCompleted && received < Length)
            received += await ReadSomeAsync(client);
        // As who has given it away does.
        (await leaving).Socket.Dispose();
        while (received < Length)
            received += await ReadSomeAsync(client);

        Assert.Equal(Length, received);

        static async Task<int> ReadSomeAsync(System.Net.Sockets.Socket client)
        {
            var count = await client.ReceiveAsync(new byte[16 * 1024], Bounded.Token());
            Assert.NotEqual(0, count);
            return count;
        }
    }

    [Fact]
    public async Task Leave_ThatNobodyTakes_ServesOnFromTheUnreadBytes()
    {
        await using var scene = await KestrelScene.StartAsync(AnswerInTwoPartsAsync);
        scene.TakesConnections = false;
        var (client, connection) = await scene.ConnectAsync();
        using var _ = client;
        var next = Get("next");
        await KestrelScene.SendAsync(client, Get("x") + next[..9]);
        await _started.Task.WaitAsync(Bounded.Patience);

        connection.Reader.Leave();
        _gate.SetResult();
        await KestrelScene.ReadUntilAsync(client, "\r\n0\r\n\r\n");
        Assert.Equal(next[..9], System.Text.Encoding.ASCII.GetString((await scene.LeftAsync()).Unread));
        await KestrelScene.SendAsync(client, next[9..]);

        var answer = await KestrelScene.ReadUntilAsync(client, "\r\n0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        Assert.False(connection.Reader.HasLeft);
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
