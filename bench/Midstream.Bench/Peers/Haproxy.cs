using Midstream.Bench.Processes;
using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// HAProxy in master-worker mode, reloaded by USR2: the master starts a new worker, which gets the listening sockets from the
/// old one (<c>expose-fd listeners</c>), and lets the old one finish (management guide, section 4,
/// https://docs.haproxy.org/2.6/management.html#4). No <c>hard-stop-after</c>.
/// </summary>
/// <param name="context">What it is started with.</param>
/// <param name="closesOnResponse">
/// False for the default, in which idle connections are closed at once. True for <c>idle-close-on-response</c>, made for
/// clients that do not retry: a connection is closed with its next response, or by its time-out, and old workers live as long
/// (https://docs.haproxy.org/2.6/configuration.html#4.2-option%20idle-close-on-response).
/// </param>
internal sealed class Haproxy(PeerContext context, bool closesOnResponse) : Peer(context)
{
    private const string PidFile = "haproxy.pid";
    private int _master;

    public override IReadOnlyList<string> VersionCommand => [Program, "-v"];

    private static string Program => "/usr/sbin/haproxy";

    private string Configuration => Path.Combine(Folder, "haproxy.cfg");

    public override async Task UpgradeAsync(int release)
    {
        Configure(release);
        var old = WorkersOf(_master);
        Signals.Send(_master, Signal.SIGUSR2);
        await GoneAsync(old);
    }

    protected override async Task BeginAsync()
    {
        Configure(1);
        Context.Launcher.Start(Folder, [Program, "-W", "-p", Path.Combine(Folder, PidFile), "-f", Configuration]);
        _master = await ReadPidAsync(PidFile);
    }

    private static string Headers(int release) => $"{ReleaseHeader} {NameOf(release)} hdr X-Prove-Id \"%[req.hdr(x-prove-id)]\"";

    private void Configure(int release) => Write("haproxy.cfg", $$"""
        global
          stats socket {{Folder}}/stats.sock expose-fd listeners level admin
        defaults
          mode http
          timeout connect 5s
          timeout client 60s
          timeout server 60s
          timeout http-request 60s
          timeout http-keep-alive 60s
          {{(closesOnResponse ? "option idle-close-on-response" : "")}}
        frontend web
          bind 127.0.0.1:{{Context.Port}} backlog 4096
          http-request return status 200 content-type text/plain string "Hello, World!" hdr {{Headers(release)}}

        """);
}
