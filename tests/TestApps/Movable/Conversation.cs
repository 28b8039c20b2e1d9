// One WebSocket conversation. All it knows is how many messages there were, and that must not be forgotten.

using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Text;
using Midstream.Hosting;

namespace Movable;

internal static class Conversation
{
    private const int BufferSize = 256 * 1024;

    public static async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        var count = 0;
        using var socket = await context.AcceptMovableWebSocketAsync(() => Save(context, count), OptionsOf(context));
        if (socket.Restored is { } saved)
            count = BinaryPrimitives.ReadInt32LittleEndian(saved.Span);
        var message = new byte[BufferSize];
        while (await ReceiveAsync(socket, message, context.RequestAborted) is { } length)
        {
            var head = Encoding.ASCII.GetBytes($"{++count} {Environment.ProcessId} ");
            byte[] answer = [.. head, .. message.AsSpan(0, length)];
            await socket.SendAsync(answer, WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }

    private static byte[] Save(HttpContext context, int count)
    {
        if (context.Request.Query.ContainsKey("fail"))
            throw new InvalidOperationException("This conversation cannot be saved.");
        _ = int.TryParse(context.Request.Query["state"], out var more);
        var state = new byte[sizeof(int) + more];
        BinaryPrimitives.WriteInt32LittleEndian(state, count);
        return state;
    }

    private static WebSocketAcceptContext OptionsOf(HttpContext context) => new()
    {
        DangerousEnableCompression = context.Request.Query.ContainsKey("compress"),
    };

    private static async Task<int?> ReceiveAsync(MovableWebSocket socket, byte[] message, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(message.AsMemory(length), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
                return null;
            length += received.Count;
            if (received.EndOfMessage)
                return length;
        }
    }
}
