// A WebSocket cannot go on in another process: its client is told so in the protocol's own way, and connects anew.

using System.Net.WebSockets;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class WebSocketTests
{
    [Fact]
    public async Task Deploy_WithAWebSocket_ClosesItWith1001AndAcceptsANewOne()
    {
        await using var change = await Changeover.PrepareAsync();
        var address = new Uri($"ws://127.0.0.1:{change.Service.Url.Port}/ws");
        using var patience = new CancellationTokenSource(RunningProgram.Patience);
        using var socket = await ConnectAsync(address, patience.Token);
        Assert.Equal($"{change.OldPid}", await AskWhoAsync(socket, patience.Token));

        await change.HandOverAsync();
        var closing = await socket.ReceiveAsync(new byte[64], patience.Token);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        var result = await change.EndAsync();

        Assert.Equal(WebSocketMessageType.Close, closing.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        Assert.Equal(WebSocketState.Closed, socket.State);
        Assert.Equal((1, 0), (result.Connections!.Announced, result.Connections.ClosedAtDeadline));
        using var next = await ConnectAsync(address, patience.Token);
        Assert.Equal($"{change.NewPid}", await AskWhoAsync(next, patience.Token));
    }

    private static async Task<ClientWebSocket> ConnectAsync(Uri address, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(address, cancellation);
        return socket;
    }

    private static async Task<string> AskWhoAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[64];
        await socket.SendAsync("pid"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
        var answer = await socket.ReceiveAsync(buffer, cancellation);
        return Encoding.ASCII.GetString(buffer, 0, answer.Count);
    }
}
