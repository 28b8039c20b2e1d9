using Midstream.Bench.Processes;
using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// What both ways to upgrade nginx share. No <c>worker_shutdown_timeout</c>, so that old workers have all the time they want
/// (https://nginx.org/en/docs/ngx_core_module.html#worker_shutdown_timeout); keep-alive without a limit that the run would
/// reach.
/// </summary>
internal abstract class Nginx(PeerContext context) : Peer(context)
{
    protected const string PidFile = "nginx.pid";

    public override IReadOnlyList<string> VersionCommand => [Program, "-v"];

    protected static string Program => "/usr/sbin/nginx";

    protected int Master { get; set; }

    protected override async Task BeginAsync()
    {
        Configure(1);
        // As a daemon: in the foreground it takes USR2 for one that was sent to a new master too early, and ignores it.
        Context.Launcher.Start(Folder, [Program, "-p", Folder, "-c", Path.Combine(Folder, "nginx.conf")]);
        Master = await ReadPidAsync(PidFile);
    }

    protected void Configure(int release) => Write("nginx.conf", $$"""
        worker_processes auto;
        pid {{Folder}}/{{PidFile}};
        error_log {{Folder}}/error.log warn;
        events { worker_connections 4096; }
        http {
          access_log off;
          client_body_temp_path {{Folder}}/t1;
          proxy_temp_path {{Folder}}/t2;
          fastcgi_temp_path {{Folder}}/t3;
          uwsgi_temp_path {{Folder}}/t4;
          scgi_temp_path {{Folder}}/t5;
          keepalive_timeout 75s;
          keepalive_requests 1000000;
          default_type text/plain;
          server {
            listen 127.0.0.1:{{Context.Port}} backlog=4096;
            add_header {{ReleaseHeader}} {{NameOf(release)}};
            add_header X-Prove-Id $http_x_prove_id;
            location / { return 200 "Hello, World!"; }
          }
        }

        """);
}

/// <summary>
/// nginx, its configuration changed and loaded by HUP: new workers are started, old ones stop listening, finish and end
/// (https://nginx.org/en/docs/control.html#reconfiguration).
/// </summary>
internal sealed class NginxReload(PeerContext context) : Nginx(context)
{
    public override async Task UpgradeAsync(int release)
    {
        Configure(release);
        var old = WorkersOf(Master);
        Signals.Send(Master, Signal.SIGHUP);
        await GoneAsync(old);
    }
}

/// <summary>
/// nginx, its program replaced: USR2 starts a new master with workers of its own, WINCH lets the old workers finish and end,
/// QUIT the old master (https://nginx.org/en/docs/control.html#upgrade).
/// </summary>
internal sealed class NginxUpgrade(PeerContext context) : Nginx(context)
{
    public override async Task UpgradeAsync(int release)
    {
        Configure(release);
        var old = WorkersOf(Master);
        var oldMaster = ProcessStat.TryRead(Master)!.Value;
        Signals.Send(oldMaster.Pid, Signal.SIGUSR2);
        var newMaster = await NewMasterAsync(oldMaster.Pid);
        Signals.Send(oldMaster.Pid, Signal.SIGWINCH);
        await GoneAsync(old);
        Signals.Send(oldMaster.Pid, Signal.SIGQUIT);
        await GoneAsync([oldMaster]);
        Master = newMaster;
    }

    // Its pid file is there before its workers are.
    private async Task<int> NewMasterAsync(int oldMaster)
    {
        var master = await ReadPidAsync(PidFile, other: oldMaster);
        await Waiting.UntilAsync("the new master's workers", () => WorkersOf(master).Count >= Environment.ProcessorCount);
        return master;
    }
}
