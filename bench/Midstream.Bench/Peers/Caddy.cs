using Midstream.Bench.Processes;

namespace Midstream.Bench.Peers;

/// <summary>
/// Caddy, its configuration changed by <c>caddy reload</c>: the new servers are started in the same process, then the old ones
/// are shut down (https://caddyserver.com/docs/command-line#caddy-reload). No <c>grace_period</c>, so that old requests have
/// all the time they want (https://caddyserver.com/docs/caddyfile/options#grace-period). The command ends when the old servers
/// have.
/// </summary>
internal sealed class Caddy(PeerContext context) : Peer(context)
{
    private readonly int _admin = FreePort.Find();

    public override IReadOnlyList<string> VersionCommand => [Program, "version"];

    private static string Program => "/usr/bin/caddy";

    public override Task UpgradeAsync(int release)
    {
        Configure(release);
        return Context.Launcher.RunAsync(
            Folder, [Program, "reload", "--config", "Caddyfile", "--address", $"127.0.0.1:{_admin}"], Home());
    }

    protected override Task BeginAsync()
    {
        Configure(1);
        Context.Launcher.Start(Folder, [Program, "run", "--config", "Caddyfile"], Home());
        return Task.CompletedTask;
    }

    // Where it would otherwise keep its last configuration and its certificates for the next start.
    private Dictionary<string, string> Home() =>
        new() { ["HOME"] = Folder, ["XDG_CONFIG_HOME"] = Folder, ["XDG_DATA_HOME"] = Folder };

    private void Configure(int release) => Write("Caddyfile", $$"""
        {
          admin 127.0.0.1:{{_admin}}
          auto_https off
        }
        http://127.0.0.1:{{Context.Port}} {
          header {{ReleaseHeader}} {{NameOf(release)}}
          header X-Prove-Id {http.request.header.X-Prove-Id}
          respond "Hello, World!"
        }

        """);
}
