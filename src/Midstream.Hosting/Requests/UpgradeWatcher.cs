using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Midstream.Core.Drain;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Requests;

/// <summary>Notices that a connection has left HTTP, and for what.</summary>
/// <param name="inner">The server's own feature, which does the upgrade.</param>
/// <param name="connection">The connection.</param>
/// <param name="request">The request as it is counted; null for the supervisor's own.</param>
/// <param name="wanted">The request's <c>Upgrade</c> header.</param>
internal sealed class UpgradeWatcher(
    IHttpUpgradeFeature inner, MidstreamConnection connection, RequestUnderWay? request, StringValues wanted)
    : IHttpUpgradeFeature
{
    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        var stream = await inner.UpgradeAsync();
        request?.IsMeantToLast();
        var isWebSocket = string.Equals(wanted, "websocket", StringComparison.OrdinalIgnoreCase);
        connection.TurnsOutToBe(isWebSocket ? ConnectionKind.WebSocket : ConnectionKind.Upgraded);
        return stream;
    }
}
