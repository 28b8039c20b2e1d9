using System.Net;
using System.Net.Sockets;

namespace Midstream.Prove;

// Where requests go: what a URL says (parsed without the network) and the one address it stands for (resolved once, so that
// every client of a run drives the same server).
internal sealed record ProveTarget(string Host, int Port, string? SocketPath, string Authority, string Path)
{
    private const string UnixPrefix = "unix:";
    private static readonly TimeSpan s_resolveTimeout = TimeSpan.FromSeconds(10);

    // Returns null when the URL could be understood, otherwise the sentence that says why not.
    public static string? TryParse(string url, out ProveTarget? target)
    {
        target = null;
        if (url.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return TryParseUnix(url[UnixPrefix.Length..], out target);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp)
            return $"the URL '{url}' must be http://host:port or unix:/path (TLS is not driven)";
        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
            return $"the URL '{url}' must not hold a user name or a fragment";
        target = new ProveTarget(uri.DnsSafeHost, uri.Port, null, uri.Authority, uri.PathAndQuery);
        return null;
    }

    private static string? TryParseUnix(string path, out ProveTarget? target)
    {
        target = null;
        // sun_path is 108 bytes with its final zero (unix(7)).
        if (!path.StartsWith('/') || System.Text.Encoding.UTF8.GetByteCount(path) > 107)
            return $"the socket path '{path}' must be absolute and at most 107 bytes long";
        target = new ProveTarget("", 0, path, "localhost", "/");
        return null;
    }

    public async Task<EndPoint> ResolveAsync(CancellationToken cancellationToken)
    {
        if (SocketPath is not null)
            return new UnixDomainSocketEndPoint(SocketPath);
        if (IPAddress.TryParse(Host, out var literal))
            return new IPEndPoint(literal, Port);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(s_resolveTimeout);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(Host, timeout.Token);
            var address = addresses.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
                ?? addresses.ElementAtOrDefault(0);
            return address is not null
                ? new IPEndPoint(address, Port)
                : throw new TargetUnreachableException($"the name '{Host}' has no address");
        }
        catch (Exception e) when (
            e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new TargetUnreachableException($"the name '{Host}' could not be resolved: {e.Message}", e);
        }
    }

    public static bool IsLocal(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint || (endPoint is IPEndPoint ip && IPAddress.IsLoopback(ip.Address));
}
