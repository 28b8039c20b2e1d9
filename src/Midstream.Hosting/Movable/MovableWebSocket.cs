using System.Net.WebSockets;
using Midstream.Hosting.Movable;

namespace Midstream.Hosting;

/// <summary>
/// A WebSocket that goes on in the next process when the application is replaced: the client notices nothing.
/// <list type="bullet">
/// <item>It is moved while the application waits in a receive for the next message, and at no other time.</item>
/// <item>Then the application's state is saved, the receive ends as if the client had closed, and <see cref="HasMoved"/> is true.
/// Nothing is sent any more: a send fails as on a closed WebSocket, and a close does nothing.</item>
/// <item>In the next process the request that opened it is handled again, from the first middleware to the endpoint, whose
/// accept returns at once with <see cref="Restored"/>.</item>
/// </list>
/// </summary>
public sealed class MovableWebSocket : WebSocket
{
    private readonly WebSocket _inner;
    private readonly WebSocketCut? _cut;

    internal MovableWebSocket(WebSocket inner, WebSocketCut? cut, ReadOnlyMemory<byte>? restored)
    {
        _inner = inner;
        _cut = cut;
        Restored = restored;
    }

    /// <summary>Gets what the process before has saved; null when the WebSocket was opened in this one.</summary>
    public ReadOnlyMemory<byte>? Restored { get; }

    /// <summary>Gets whether it goes on in another process: not closed, but no longer here.</summary>
    public bool HasMoved => _cut?.IsCut == true;

    /// <inheritdoc/>
    public override WebSocketCloseStatus? CloseStatus => _inner.CloseStatus;

    /// <inheritdoc/>
    public override string? CloseStatusDescription => _inner.CloseStatusDescription;

    /// <inheritdoc/>
    public override WebSocketState State => HasMoved ? WebSocketState.Closed : _inner.State;

    /// <inheritdoc/>
    public override string? SubProtocol => _inner.SubProtocol;

    /// <inheritdoc/>
    public override void Abort() => _inner.Abort();

    /// <inheritdoc/>
    public override Task CloseAsync(
        WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        HasMoved ? Task.CompletedTask : _inner.CloseAsync(closeStatus, statusDescription, cancellationToken);

    /// <inheritdoc/>
    public override Task CloseOutputAsync(
        WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) =>
        HasMoved ? Task.CompletedTask : _inner.CloseOutputAsync(closeStatus, statusDescription, cancellationToken);

    /// <inheritdoc/>
    public override async Task<WebSocketReceiveResult> ReceiveAsync(
        ArraySegment<byte> buffer, CancellationToken cancellationToken)
    {
        var received = await ReceiveAsync(buffer.AsMemory(), cancellationToken);
        return new WebSocketReceiveResult(
            received.Count, received.MessageType, received.EndOfMessage, CloseStatus, CloseStatusDescription);
    }

    /// <inheritdoc/>
    public override async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(
        Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _inner.ReceiveAsync(buffer, cancellationToken);
        }
        catch (WebSocketException) when (HasMoved)
        {
            return new ValueWebSocketReceiveResult(0, WebSocketMessageType.Close, endOfMessage: true);
        }
    }

    /// <inheritdoc/>
    public override Task SendAsync(
        ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) =>
        SendAsync(buffer.AsMemory(), messageType, endOfMessage, cancellationToken).AsTask();

    /// <inheritdoc/>
    public override async ValueTask SendAsync(
        ReadOnlyMemory<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        ThrowIfMoved();
        try
        {
            await _inner.SendAsync(buffer, messageType, endOfMessage, cancellationToken);
        }
        catch (Exception) when (HasMoved)
        {
            ThrowIfMoved();
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _inner.Dispose();

    private void ThrowIfMoved()
    {
        if (HasMoved)
            throw new WebSocketException(
                WebSocketError.InvalidState, "The WebSocket goes on in another process, and what was to be sent was not sent.");
    }
}
