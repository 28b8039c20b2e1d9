// WebSockets whose application gives its state along: the client keeps its connection, and the conversation its memory. One that
// cannot move is closed with the code that says why.

using System.Net.WebSockets;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class MovedWebSocketTests
{
    private const int Clients = 20;
    private const int Deployments = 10;
    private const string QuickProbation = """{ "probation": { "duration_ms": 50 } }""";

    [Fact]
    public async Task Deploy_TenTimesUnderBusyConversations_ClosesNoneAndForgetsNothing()
    {
        using var folder = new TemporaryFolder();
        var movable = Repository.Published("tests/TestApps/Movable");
        await using var service = await MidstreamService.StartAsync(folder, movable, QuickProbation);
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients)
            .Select(number => ConverseAsync(service.Url, number % 2 == 0 ? 0 : 20_000, enough.Token)).ToArray();

        for (var number = 1; number <= Deployments; number++)
        {
            var result = await service.DeployWellAsync(movable);
            Assert.Equal((Clients, 0, 0, 0), (result.Connections!.Moved, result.Connections.Announced,
                result.Connections.ClosedByPeer, result.Connections.ClosedAtDeadline));
        }

        await enough.CancelAsync();
        var processes = await Task.WhenAll(clients);
        Assert.All(processes, seen => Assert.Equal(Deployments + 1, seen));
    }

    [Theory]
    [InlineData("/ws")]
    [InlineData("/ws?state=100000")]
    [InlineData("/ws?compress=1")]
    public async Task HandOver_OfAnIdleConversation_GoesOnWhereItWas(string path)
    {
        await using var change = await PrepareAsync();
        using var socket = await ConnectAsync(change.Service.Url, path, compress: true);
        Assert.Equal($"1 {change.OldPid} one", await AskAsync(socket, "one"));

        var result = await change.DeployAsync();

        Assert.Equal($"2 {change.NewPid} two", await AskAsync(socket, "two"));
        Assert.Equal((0, 0), (result.Connections!.Announced, result.Connections.ClosedAtDeadline));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Bounded());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task HandOver_InTheMiddleOfAMessage_FinishesItInTheOldProcessAndMovesThen()
    {
        await using var change = await PrepareAsync();
        using var socket = await ConnectAsync(change.Service.Url, "/ws");
        await socket.SendAsync("half"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: false, Bounded());

        await change.HandOverAsync();
        await socket.SendAsync(" and half"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, Bounded());
        var first = await ReceiveAsync(socket);
        var second = await AskAsync(socket, "next");
        var result = await change.EndAsync();

        Assert.Equal(($"1 {change.OldPid} half and half", $"2 {change.NewPid} next"), (first, second));
        Assert.Equal(2, result.Connections!.Moved);
        // The changeover's own connection asks again and again, and may have been asking.
        Assert.InRange(result.Connections.MovedBusy, 1, 2);
    }

    [Fact]
    public async Task HandOver_InTheMiddleOfAFrameWithTheNextBehindIt_LosesNoByte()
    {
        await using var change = await PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync("GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        await connection.ReceiveHeadAsync();
        // Two masked text frames with the key 0, "ab" and "cd", cut after the first frame's first payload byte.
        byte[] frames = [0x81, 0x82, 0, 0, 0, 0, (byte)'a', (byte)'b', 0x81, 0x82, 0, 0, 0, 0, (byte)'c', (byte)'d'];
        await connection.SendBytesAsync(frames.AsMemory(0, 7));

        await change.HandOverAsync();
        await connection.SendBytesAsync(frames.AsMemory(7, 4));
        var first = await connection.ReceiveFrameAsync();
        await connection.SendBytesAsync(frames.AsMemory(11));
        var second = await connection.ReceiveFrameAsync();
        await change.EndAsync();

        Assert.Equal($"1 {change.OldPid} ab", first);
        Assert.StartsWith("2 ", second, StringComparison.Ordinal);
        Assert.EndsWith(" cd", second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ws?fail=1", false)]
    [InlineData("/ws?compress=1", true)]
    public async Task Deploy_WithAConversationThatCannotMove_ClosesItWith1001(string path, bool withContext)
    {
        await using var change = await PrepareAsync();
        using var socket = await ConnectAsync(change.Service.Url, path, compress: withContext, keepContext: true);
        await AskAsync(socket, "one");

        await change.HandOverAsync();
        await AssertClosedAsync(socket, WebSocketCloseStatus.EndpointUnavailable);
        var result = await change.EndAsync();

        Assert.Equal((1, 1), (result.Connections!.Moved, result.Connections.Announced));
    }

    [Fact]
    public async Task Deploy_OfAReleaseThatDoesNotTakeConversationsUp_TellsTheClientToBeginAnew()
    {
        using var folder = new TemporaryFolder();
        await using var service = await MidstreamService.StartAsync(
            folder, Repository.Published("tests/TestApps/Movable"), QuickProbation);
        using var socket = await ConnectAsync(service.Url, "/ws");
        await AskAsync(socket, "one");

        await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));

        const WebSocketCloseStatus ServiceRestart = (WebSocketCloseStatus)1012;
        await AssertClosedAsync(socket, ServiceRestart);
    }

    [Fact]
    public async Task Deploy_WithManyWebSocketsThatCannotMove_SpreadsTheirCloses()
    {
        const int Many = 100;
        await using var change = await Changeover.PrepareAsync();
        var sockets = new List<ClientWebSocket>();
        for (var number = 0; number < Many; number++)
            sockets.Add(await ConnectAsync(change.Service.Url, "/ws"));

        var closes = sockets.Select(async socket =>
        {
            await AssertClosedAsync(socket, WebSocketCloseStatus.EndpointUnavailable);
            return System.Diagnostics.Stopwatch.GetTimestamp();
        }).ToArray();
        var result = await change.DeployAsync();

        var times = (await Task.WhenAll(closes)).Order().ToArray();
        // Ten milliseconds for each: all at once would take far less than the half of that.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(times[0], times[^1]) > TimeSpan.FromMilliseconds(Many * 5));
        Assert.Equal(Many, result.Connections!.Announced);
        sockets.ForEach(static socket => socket.Dispose());
    }

    internal static async Task<ClientWebSocket> ConnectAsync(
        Uri service, string path, bool compress = false, bool keepContext = false)
    {
        var socket = new ClientWebSocket();
        if (compress)
            socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ClientContextTakeover = keepContext };
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{service.Port}{path}"), Bounded());
        return socket;
    }

    internal static async Task<string> AskAsync(ClientWebSocket socket, string message)
    {
        await socket.SendAsync(Encoding.ASCII.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, Bounded());
        return await ReceiveAsync(socket);
    }

    private static Task<Changeover> PrepareAsync() => Changeover.PrepareAsync(app: "tests/TestApps/Movable");

    // Numbers every message, and checks that the answer counts it and brings it back; returns how many processes answered.
    internal static async Task<int> ConverseAsync(Uri service, int length, CancellationToken enough)
    {
        using var socket = await ConnectAsync(service, "/ws");
        var processes = new HashSet<string>();
        var padding = new string('x', length);
        for (var count = 1; !enough.IsCancellationRequested; count++)
        {
            var answer = (await AskAsync(socket, $"m{count}{padding}")).Split(' ');
            Assert.Equal(($"{count}", $"m{count}{padding}"), (answer[0], answer[2]));
            processes.Add(answer[1]);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Bounded());
        return processes.Count;
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), Bounded());
            if (received.MessageType == WebSocketMessageType.Close)
                throw new InvalidOperationException($"The server closed with {socket.CloseStatus}.");
            length += received.Count;
            if (received.EndOfMessage)
                return Encoding.ASCII.GetString(buffer, 0, length);
        }
    }

    private static async Task AssertClosedAsync(ClientWebSocket socket, WebSocketCloseStatus status)
    {
        var closing = await socket.ReceiveAsync(new byte[64], Bounded());
        Assert.Equal(WebSocketMessageType.Close, closing.MessageType);
        Assert.Equal(status, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Bounded());
    }

    private static CancellationToken Bounded() => new CancellationTokenSource(RunningProgram.Patience).Token;
}
