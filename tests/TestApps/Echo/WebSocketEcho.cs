// A connection that stops being HTTP: every message comes back as it was, and "pid" brings the process's id.

using System.Globalization;
using System.Net.WebSockets;
using System.Text;

namespace Echo;

internal static class WebSocketEcho
{
    private const int BufferSize = 16 * 1024;

    public static void MapWebSocketEcho(this IEndpointRouteBuilder routes) => routes.Map("/ws", async (HttpContext context) =>
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await EchoAsync(socket, context.RequestAborted);
    });

    private static async Task EchoAsync(WebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[BufferSize];
        while (await socket.ReceiveAsync(buffer, cancellation) is { MessageType: not WebSocketMessageType.Close } received)
        {
            var message = buffer.AsMemory(0, received.Count);
            if (received.EndOfMessage && message.Span.SequenceEqual("pid"u8))
                message = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            await socket.SendAsync(message, received.MessageType, received.EndOfMessage, cancellation);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
    }
}
