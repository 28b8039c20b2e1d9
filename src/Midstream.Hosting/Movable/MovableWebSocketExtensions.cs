using Microsoft.AspNetCore.Http;
using Midstream.Hosting.Requests;

namespace Midstream.Hosting;

/// <summary>Accepts WebSockets that go on when the application is replaced.</summary>
public static class MovableWebSocketExtensions
{
    /// <summary>
    /// Accepts a WebSocket that may be moved to the next process of the application; or, there, takes it up again. Elsewhere than
    /// under <c>midstream run</c>, in TLS, over HTTP/2, and with compression that keeps its context from message to message on
    /// the client's side, it is accepted like any other and never moved.
    /// </summary>
    /// <param name="context">The request; <c>UseWebSockets</c> has to come before.</param>
    /// <param name="save">Called when it is moved, once, while the application waits in a receive: returns what the next process
    /// needs to go on, at most 1 MiB. If it throws, the WebSocket is closed with 1001 instead.</param>
    /// <param name="options">How to accept; null for the defaults. Has to be the same in the next process, or the client is told
    /// to begin anew (1012).</param>
    /// <returns>The WebSocket; look at <see cref="MovableWebSocket.Restored"/> first.</returns>
    /// <exception cref="InvalidOperationException">The request is not one for a WebSocket.</exception>
    public static async Task<MovableWebSocket> AcceptMovableWebSocketAsync(
        this HttpContext context, Func<ReadOnlyMemory<byte>> save, WebSocketAcceptContext? options = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(save);
        var upgrade = context.Features.Get<UpgradeWatcher>();
        upgrade?.PrepareToMove(save);
        var accepted = await context.WebSockets.AcceptWebSocketAsync(options ?? new WebSocketAcceptContext());
        return new MovableWebSocket(accepted, upgrade?.Cut, upgrade?.Restored?.State);
    }
}
