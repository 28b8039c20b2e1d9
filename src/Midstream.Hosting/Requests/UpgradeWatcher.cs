using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Midstream.Control.HandOver;
using Midstream.Core.Drain;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Movable;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Requests;

/// <summary>Notices that a connection has left HTTP, and for what; and follows a WebSocket that the application wants to be
/// movable.</summary>
/// <param name="inner">The server's own feature, which does the upgrade.</param>
/// <param name="connection">The connection.</param>
/// <param name="request">The request as it is counted; null for the supervisor's own.</param>
/// <param name="context">The request.</param>
/// <param name="logger">For what the application does wrong.</param>
internal sealed class UpgradeWatcher(
    IHttpUpgradeFeature inner, MidstreamConnection connection, RequestUnderWay? request, HttpContext context, ILogger logger)
    : IHttpUpgradeFeature
{
    // Before anybody changes the request: the next process is to see it as it came.
    private readonly byte[] _opening = UpgradeRequest.ToBytes(context.Request);
    private readonly bool _isWebSocket =
        string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    /// <summary>Gets where the WebSocket can be cut; null when it is not movable.</summary>
    public WebSocketCut? Cut { get; private set; }

    /// <summary>Gets what the process before has left; null when the WebSocket is opened here.</summary>
    public Passage? Restored { get; private set; }

    /// <summary>The application is about to accept a WebSocket, and wants it to be movable.</summary>
    /// <param name="save">Saves the application's state.</param>
    public void PrepareToMove(Func<ReadOnlyMemory<byte>> save)
    {
        if (!_isWebSocket || connection.IsPrivate || _opening.Length > Passage.OpeningMax)
            return;
        Restored = connection.Resume(PassageKind.WebSocket);
        Cut = new WebSocketCut(connection, _opening, new SavedState(save, logger));
    }

    public async Task<Stream> UpgradeAsync()
    {
        var agreement = Agreement.Of(context.Response);
        var mayGoOn = Restored is null || Restored.Agreement.Span.SequenceEqual(agreement.ToBytes());
        var stream = await inner.UpgradeAsync();
        request?.IsMeantToLast();
        if (!mayGoOn)
            connection.RefuseToGoOn();
        return Follow(stream, mayGoOn ? agreement : null);
    }

    private Stream Follow(Stream stream, Agreement? agreement)
    {
        if (Cut is null || agreement is not { KeepsNoContext: true })
        {
            Cut = null;
            connection.TurnsOutToBe(_isWebSocket ? ConnectionKind.WebSocket : ConnectionKind.Upgraded);
            return stream;
        }

        Cut.Agreement = agreement.ToBytes();
        connection.IsFollowed(ConnectionKind.MovableWebSocket, Cut);
        return new FrameStream(stream, Cut);
    }
}
