using Midstream.Bench.Processes;
using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// What both ways to upgrade gunicorn share. Threaded workers, the built-in kind that keeps connections
/// (https://docs.gunicorn.org/en/20.1.0/settings.html#keepalive), with a thread and more for each client, and without
/// preloading, so that new workers load the new application (https://docs.gunicorn.org/en/20.1.0/settings.html#preload-app).
/// As a daemon, for in the foreground it ignores WINCH (https://docs.gunicorn.org/en/20.1.0/signals.html#master-process).
/// </summary>
internal abstract class Gunicorn(PeerContext context) : Peer(context)
{
    protected const string PidFile = "gunicorn.pid";
    protected const int Workers = 2;

    public override IReadOnlyList<string> VersionCommand => [Program, "--version"];

    protected int Master { get; set; }

    private static string Program => "/usr/bin/gunicorn";

    protected override async Task BeginAsync()
    {
        Bring("gunicorn");
        Configure(1);
        Context.Launcher.Start(Folder,
        [
            Program, "hello:app", "--bind", $"127.0.0.1:{Context.Port}", "--backlog", "2048",
            "--pid", Path.Combine(Folder, PidFile), "--workers", $"{Workers}", "--worker-class", "gthread",
            "--threads", "32", "--keep-alive", "75",
            "--graceful-timeout", "30", "--daemon", "--error-logfile", Path.Combine(Folder, "log"),
        ]);
        Master = await ReadPidAsync(PidFile);
    }

    protected void Configure(int release) => Write("release.txt", NameOf(release));
}

/// <summary>gunicorn, reloaded by HUP: new workers are started, old ones end gracefully
/// (https://docs.gunicorn.org/en/20.1.0/signals.html#reload-the-configuration).</summary>
internal sealed class GunicornReload(PeerContext context) : Gunicorn(context)
{
    public override async Task UpgradeAsync(int release)
    {
        Configure(release);
        var old = WorkersOf(Master);
        Signals.Send(Master, Signal.SIGHUP);
        await GoneAsync(old);
    }
}

/// <summary>gunicorn, its program replaced: USR2 starts a new master, WINCH ends the old workers gracefully, TERM the old
/// master (https://docs.gunicorn.org/en/20.1.0/signals.html#binary-upgrade).</summary>
internal sealed class GunicornUpgrade(PeerContext context) : Gunicorn(context)
{
    public override async Task UpgradeAsync(int release)
    {
        Configure(release);
        var old = WorkersOf(Master);
        var oldMaster = ProcessStat.TryRead(Master)!.Value;
        Signals.Send(oldMaster.Pid, Signal.SIGUSR2);
        // Until the old master has ended, the new one's pid file has another name.
        var newMaster = await ReadPidAsync(PidFile + ".2");
        await Waiting.UntilAsync("the new master's workers", () => WorkersOf(newMaster).Count >= Workers);
        Signals.Send(oldMaster.Pid, Signal.SIGWINCH);
        await GoneAsync(old);
        Signals.Send(oldMaster.Pid, Signal.SIGTERM);
        await GoneAsync([oldMaster]);
        Master = newMaster;
    }

    public override Task SettleAsync() => ReadPidAsync(PidFile);
}
