using System.Net;
using Midstream.Bench.Processes;
using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// Plain Kestrel behind a shared listening socket, restarted by the textbook: the new process is started on the socket, and
/// when it says that it has started, the old one is asked to stop; it stops accepting and finishes what is under way within
/// the host's 30 s (https://learn.microsoft.com/dotnet/core/extensions/generic-host#host-shutdown,
/// https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html).
/// </summary>
internal sealed class KestrelPeer(PeerContext context) : Peer(context)
{
    private const int Backlog = 4096;
    private FileDescriptor? _listener;
    private ChildProcess? _serving;

    public override IReadOnlyList<string> VersionCommand => ["dotnet", "--list-runtimes"];

    public override async Task UpgradeAsync(int release)
    {
        var old = _serving!;
        _serving = await StartProcessAsync(release);
        old.Signal(Signal.SIGTERM);
        await old.Exited.WaitAsync(Waiting.Patience);
        old.Dispose();
    }

    protected override async Task BeginAsync()
    {
        _listener = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, Context.Port), Backlog);
        _serving = await StartProcessAsync(1);
    }

    private async Task<ChildProcess> StartProcessAsync(int release)
    {
        var folder = PublishedService.Make(Context, release);
        var process = Context.Launcher.Start(folder, [Path.Combine(folder, PublishedService.Program)], listener: _listener);
        var log = Path.Combine(folder, "log");
        await Waiting.UntilAsync(
            "the new process to say that it has started",
            () => File.ReadAllText(log).Contains("Application started", StringComparison.Ordinal));
        return process;
    }
}
