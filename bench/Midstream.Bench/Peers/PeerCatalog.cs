namespace Midstream.Bench.Peers;

/// <summary>All systems that can be compared, in the order of the table. A new one is one file beside this one and one line
/// here.
/// </summary>
internal static class PeerCatalog
{
    /// <summary>Gets the systems.</summary>
    public static IReadOnlyList<PeerEntry> All { get; } =
    [
        new("midstream", "Midstream, deploy", context => new MidstreamPeer(context)),
        new("kestrel", "Kestrel, new process on a shared socket", context => new KestrelPeer(context)),
        new("nginx-hup", "nginx, HUP", context => new NginxReload(context)),
        new("nginx-usr2", "nginx, USR2 + WINCH + QUIT", context => new NginxUpgrade(context)),
        new("haproxy", "HAProxy, USR2", context => new Haproxy(context, closesOnResponse: false)),
        new("haproxy-icor", "HAProxy, USR2, idle-close-on-response", context => new Haproxy(context, closesOnResponse: true)),
        new("caddy", "Caddy, reload", context => new Caddy(context)),
        new("gunicorn-hup", "gunicorn, HUP", context => new GunicornReload(context)),
        new("gunicorn-usr2", "gunicorn, USR2 + WINCH + TERM", context => new GunicornUpgrade(context)),
        new("puma-phased", "puma, phased restart", context => new PumaPhased(context)),
        new("puma-hot", "puma, hot restart", context => new PumaHot(context)),
    ];
}

/// <summary>A system that can be compared.</summary>
/// <param name="Id">What it is called on the command line.</param>
/// <param name="Name">What it is called in the table: the system, and how it is upgraded.</param>
/// <param name="Create">Makes it.</param>
internal sealed record PeerEntry(string Id, string Name, Func<PeerContext, Peer> Create);
