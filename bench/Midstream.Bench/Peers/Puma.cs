using Midstream.Bench.Processes;
using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// What both ways to restart puma share: a cluster of two workers without preloading, so that a phased restart loads the new
/// application, and a thread for each client (https://github.com/puma/puma/blob/v5.6.5/docs/restart.md).
/// </summary>
internal abstract class Puma(PeerContext context) : Peer(context)
{
    private const string PidFile = "puma.pid";

    public override IReadOnlyList<string> VersionCommand => [Program, "--version"];

    protected int Master { get; private set; }

    private static string Program => "/usr/bin/puma";

    public override async Task UpgradeAsync(int release)
    {
        Configure(release);
        var old = WorkersOf(Master);
        Restart();
        await GoneAsync(old);
        await Waiting.UntilAsync("the new workers", () => WorkersOf(Master).Count >= Environment.ProcessorCount);
    }

    /// <summary>Gives the operator's command.</summary>
    protected abstract void Restart();

    protected override async Task BeginAsync()
    {
        Bring("puma");
        Configure(1);
        Write("puma.rb", $"""
            bind "tcp://127.0.0.1:{Context.Port}?backlog=2048"
            environment "production"
            workers 2
            threads 32, 32
            pidfile "{Folder}/{PidFile}"
            persistent_timeout 75

            """);
        Context.Launcher.Start(Folder, [Program, "--config", "puma.rb", "--dir", Folder]);
        Master = await ReadPidAsync(PidFile);
    }

    private void Configure(int release) => Write("release.txt", NameOf(release));
}

/// <summary>puma, restarted in phases by USR1: one worker after the other is ended gracefully and replaced; the others
/// serve.</summary>
internal sealed class PumaPhased(PeerContext context) : Puma(context)
{
    protected override void Restart() => Signals.Send(Master, Signal.SIGUSR1);
}

/// <summary>puma, restarted hot by USR2: the program begins anew in the same process and keeps the listening socket, in whose
/// queue new connections wait.</summary>
internal sealed class PumaHot(PeerContext context) : Puma(context)
{
    protected override void Restart() => Signals.Send(Master, Signal.SIGUSR2);
}
