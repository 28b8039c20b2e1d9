using Midstream.Linux;

namespace Midstream.Bench.Peers;

/// <summary>
/// Midstream: the service under <c>midstream run</c>, each upgrade a <c>midstream deploy</c>. With warm-up requests, so that
/// clients do not wait for the new process's compiler, and without a probation, during which the next deployment would have to
/// wait; see docs/operations/deploying.md and docs/reference/configuration.md.
/// </summary>
internal sealed class MidstreamPeer(PeerContext context) : Peer(context)
{
    private Dictionary<string, string> _environment = [];
    private ChildProcess? _supervisor;
    private Task _deployment = Task.CompletedTask;

    public override IReadOnlyList<string> VersionCommand => [Program, "version"];

    private string Program => Path.Combine(Context.Artifacts, "midstream", "midstream");

    public override async Task UpgradeAsync(int release)
    {
        var folder = PublishedService.Make(Context, release);
        var old = WorkersOf(_supervisor!.Pid);
        _deployment = Context.Launcher.RunAsync(Folder, [Program, "deploy", folder, "--name", "bench"], _environment);
        var gone = GoneAsync(old);
        // A deployment that fails leaves the old worker, and must not be waited for.
        await await Task.WhenAny(gone, _deployment);
        await gone;
    }

    public override Task SettleAsync() => _deployment;

    protected override Task BeginAsync()
    {
        _environment = new() { ["MIDSTREAM_STATE"] = Path.Combine(Folder, "state") };
        var configuration = Write(
            "midstream.json", """{ "warm_up": [{ "path": "/", "count": 100 }], "probation": { "duration_ms": 0 } }""");
        _supervisor = Context.Launcher.Start(
            Folder,
            [Program, "run", PublishedService.Make(Context, 1), "--name", "bench", "--config", configuration, "--listen", Url],
            _environment);
        return Task.CompletedTask;
    }
}
