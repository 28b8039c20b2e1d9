// Conversations cut in one worker and taken up in another, seen from the client's end of the wire, byte for byte.

using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Midstream.Hosting.Tests.Movable;

public sealed class MovedConversationTests
{
    private const string Upgrade = "GET /chat HTTP/1.1\r\nHost: tested\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [Fact]
    public async Task HandOver_OfAnIdleWebSocket_GoesOnWithItsStateAndNoByteInBetween()
    {
        await using var pair = await WorkerPair.StartAsync(CountAsync);
        using var client = await OpenAsync(pair);
        Assert.Equal("1:one", await AskAsync(client, "one"));

        var report = await pair.HandOverAsync();

        Assert.Equal((1, 0, 0, 0), (report.Moved, report.Announced, report.ClosedByPeer, report.ClosedAtDeadline));
        Assert.Equal("2:two", await AskAsync(client, "two"));
        Assert.Equal("3:three", await AskAsync(client, "three"));
    }

    [Fact]
    public async Task HandOver_OfAWebSocketThatHasSentNothing_GoesOn()
    {
        await using var pair = await WorkerPair.StartAsync(CountAsync);
        using var client = await OpenAsync(pair);

        Assert.Equal(1, (await pair.HandOverAsync()).Moved);

        Assert.Equal("1:first", await AskAsync(client, "first"));
    }

    [Fact]
    public async Task HandOver_AtEachByteOfTwoMessages_LosesNone()
    {
        byte[] messages = [.. Frame(0x81, "one"), .. Frame(0x01, "t"), .. Frame(0x89, "p"), .. Frame(0x80, "wo")];
        for (var cut = 1; cut < messages.Length; cut++)
        {
            await using var pair = await WorkerPair.StartAsync(CountAsync);
            using var client = await OpenAsync(pair);
            await client.SendAsync(messages.AsMemory(0, cut), Bounded.Token());
            await pair.BeginAsync();
            await client.SendAsync(messages.AsMemory(cut), Bounded.Token());

            // The answer to the ping is a frame of its own, somewhere before the last answer.
            Assert.Equal("1:one", await ReceiveAsync(client));
            Assert.Equal("p", await ReceiveAsync(client));
            Assert.Equal("2:two", await ReceiveAsync(client));
            var report = await pair.EndAsync();
            Assert.Equal((1, 0), (report.Moved, report.ClosedAtDeadline));
        }
    }

    [Fact]
    public async Task HandOver_WhileTheApplicationIsAtWork_WaitsForItsAnswer()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pair = await WorkerPair.StartAsync(context => CountAsync(context, gate.Task));
        using var client = await OpenAsync(pair);
        await client.SendAsync(Frame(0x81, "one"), Bounded.Token());
        await client.SendAsync(Frame(0x81, "two"), Bounded.Token());

        await pair.BeginAsync();
        gate.SetResult();

        Assert.Equal("1:one", await ReceiveAsync(client));
        Assert.Equal("2:two", await ReceiveAsync(client));
        Assert.Equal(1, (await pair.EndAsync()).Moved);
    }

    [Fact]
    public async Task HandOver_ThroughManyWorkers_NeverForgets()
    {
        await using var first = await WorkerPair.StartAsync(CountAsync);
        using var client = await OpenAsync(first);
        var last = 0;
        Assert.Equal($"{++last}:x", await AskAsync(client, "x"));
        await first.HandOverAsync();
        Assert.Equal($"{++last}:x", await AskAsync(client, "x"));
    }

    [Theory]
    [InlineData("permessage-deflate; client_no_context_takeover", 1, 0)]
    [InlineData("permessage-deflate", 0, 1)]
    public async Task HandOver_WithCompression_MovesOnlyWhatNeedsNoContext(string offer, int moved, int announced)
    {
        await using var pair = await WorkerPair.StartAsync(context => CountAsync(context, Task.CompletedTask, compress: true));
        using var client = await OpenAsync(pair, $"Sec-WebSocket-Extensions: {offer}\r\n");

        var draining = pair.HandOverAsync();
        if (announced == 1)
        {
            Assert.Equal(1001, await ReceiveCloseAsync(client));
            client.Shutdown(SocketShutdown.Send);
        }

        var report = await draining;

        Assert.Equal((moved, announced), (report.Moved, report.Announced));
    }

    [Fact]
    public async Task HandOver_ToAnApplicationThatDoesNotTakeItUp_TellsTheClientToBeginAnew()
    {
        await using var pair = await WorkerPair.StartAsync(CountAsync);
        using var client = await OpenAsync(pair);
        await AskAsync(client, "one");

        await pair.HandOverAsync(static context => context.Response.WriteAsync("not a WebSocket"));

        Assert.Equal(1012, await ReceiveCloseAsync(client));
        client.Shutdown(SocketShutdown.Send);
        await AssertEndsAsync(client);
    }

    [Fact]
    public async Task HandOver_ToAnApplicationThatAgreesOnSomethingElse_TellsTheClientToBeginAnew()
    {
        await using var pair = await WorkerPair.StartAsync(context => CountAsync(context, Task.CompletedTask, compress: true));
        using var client = await OpenAsync(
            pair, "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n");

        await pair.HandOverAsync(CountAsync);

        Assert.Equal(1012, await ReceiveCloseAsync(client));
        client.Shutdown(SocketShutdown.Send);
        await AssertEndsAsync(client);
    }

    [Fact]
    public async Task HandOver_WhenTheStateCannotBeSaved_ClosesWith1001()
    {
        await using var pair = await WorkerPair.StartAsync(static async context =>
        {
            using var socket = await context.AcceptMovableWebSocketAsync(static () => throw new InvalidOperationException("No."));
            await socket.ReceiveAsync(new byte[10].AsMemory(), context.RequestAborted);
        });
        using var client = await OpenAsync(pair);

        var draining = pair.HandOverAsync();
        Assert.Equal(1001, await ReceiveCloseAsync(client));
        client.Shutdown(SocketShutdown.Send);

        var report = await draining;
        Assert.Equal((0, 1), (report.Moved, report.Announced));
    }

    [Fact]
    public async Task Drain_WithoutAnybodyToTakeIt_ClosesWith1012()
    {
        await using var pair = await WorkerPair.StartAsync(CountAsync);
        using var client = await OpenAsync(pair);

        await pair.Old.SayAsync(new Control.Workers.DrainMessage(10_000));
        Assert.Equal(1012, await ReceiveCloseAsync(client));
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal(1, (await pair.EndAsync()).Announced);
    }

    [Fact]
    public async Task HandOver_OfARawConnection_TakesItsStateAndItsUnconsumedBytesAlong()
    {
        await using var pair = await WorkerPair.StartAsync(CountAsync, static listen => listen.Run(LinesAsync));
        using var client = await pair.ConnectAsync();
        await KestrelScene.SendAsync(client, "one\ntw");
        Assert.Equal("1:one\n", await KestrelScene.ReadUntilAsync(client, "\n"));

        var report = await pair.HandOverAsync();
        await KestrelScene.SendAsync(client, "o\n");

        Assert.Equal("2:two\n", await KestrelScene.ReadUntilAsync(client, "\n"));
        Assert.Equal((1, 0), (report.Moved, report.ClosedAtDeadline));
    }

    [Fact]
    public async Task LastCall_OfARawConnectionThatCannotMove_EndsItsInput()
    {
        await using var pair = await WorkerPair.StartAsync(CountAsync, static listen => listen.Run(LinesAsync));
        using var client = await pair.ConnectAsync();
        await KestrelScene.SendAsync(client, "one\n");
        await KestrelScene.ReadUntilAsync(client, "\n");

        await pair.Old.SayAsync(new Control.Workers.DrainMessage(1000));
        await AssertEndsAsync(client);
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal(1, (await pair.EndAsync()).HalfClosed);
    }

    private static async Task LinesAsync(ConnectionContext connection)
    {
        var count = 0;
        var move = connection.MakeMovable(() => BitConverter.GetBytes(count), NullLogger.Instance);
        if (move.Restored is { } saved)
            count = BitConverter.ToInt32(saved.Span);
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync();
            var text = Encoding.ASCII.GetString(read.Buffer);
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            if (end >= 0)
                await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes($"{++count}:{text[..end]}\n"));
            else if (read.IsCompleted)
                return;
            var consumed = read.Buffer.GetPosition(end + 1);
            connection.Transport.Input.AdvanceTo(consumed, end < 0 ? read.Buffer.End : consumed);
        }
    }

    private static Task CountAsync(HttpContext context) => CountAsync(context, Task.CompletedTask);

    private static async Task CountAsync(HttpContext context, Task gate, bool compress = false)
    {
        var count = 0;
        using var socket = await context.AcceptMovableWebSocketAsync(
            () => BitConverter.GetBytes(count), new WebSocketAcceptContext { DangerousEnableCompression = compress });
        if (socket.Restored is { } saved)
            count = BitConverter.ToInt32(saved.Span);
        var buffer = new byte[100];
        var length = 0;
        while (await socket.ReceiveAsync(buffer.AsMemory(length), context.RequestAborted) is
            { MessageType: not WebSocketMessageType.Close } received)
        {
            length += received.Count;
            if (!received.EndOfMessage)
                continue;
            await gate;
            var answer = Encoding.ASCII.GetBytes($"{++count}:{Encoding.ASCII.GetString(buffer, 0, length)}");
            await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            length = 0;
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    private static async Task<Socket> OpenAsync(WorkerPair pair, string more = "")
    {
        var client = await pair.ConnectAsync();
        await KestrelScene.SendAsync(client, $"{Upgrade}{more}\r\n");
        Assert.Contains(" 101 ", await KestrelScene.ReadUntilAsync(client, "\r\n\r\n"), StringComparison.Ordinal);
        return client;
    }

    private static async Task<string> AskAsync(Socket client, string message)
    {
        await client.SendAsync(Frame(0x81, message), Bounded.Token());
        return await ReceiveAsync(client);
    }

    // A short frame of a client's, masked with the key 0.
    private static byte[] Frame(byte first, string payload) =>
        [first, (byte)(0x80 | payload.Length), 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(payload)];

    private static async Task<string> ReceiveAsync(Socket client) =>
        Encoding.ASCII.GetString((await ReadFrameAsync(client)).Payload);

    private static async Task<int> ReceiveCloseAsync(Socket client)
    {
        var (first, payload) = await ReadFrameAsync(client);
        Assert.Equal(0x88, first);
        return (payload[0] << 8) | payload[1];
    }

    private static async Task<(byte First, byte[] Payload)> ReadFrameAsync(Socket client)
    {
        var header = new byte[2];
        await ReadExactlyAsync(client, header);
        var payload = new byte[header[1]];
        await ReadExactlyAsync(client, payload);
        return (header[0], payload);
    }

    private static async Task ReadExactlyAsync(Socket client, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await client.ReceiveAsync(buffer, Bounded.Token());
            Assert.True(count > 0, "The connection ended.");
            buffer = buffer[count..];
        }
    }

    private static async Task AssertEndsAsync(Socket client) =>
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Bounded.Token()));
}
