// A subreaper with three kinds of children that end: an orphan, one of our own, and one of the base library's.

using System.Diagnostics;

namespace Midstream.Linux.Tests.Images;

internal static class Orphans
{
    // Longer than the base library needs; the product's own second would only make the test slower.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    internal static async Task RunAsync()
    {
        OrphanReaper.BecomeSubreaper();
        using var poller = new FdPoller();
        using var spawner = new ProcessSpawner(poller);
        using var reaper = new OrphanReaper(s_patience);
        var reaped = new TaskCompletionSource<ProcessExit>();
        reaper.Reaped += (_, exit) => reaped.TrySetResult(exit);
        // In a subshell $$ is the parent's number, which is gone once that is reaped.
        using var parent = spawner.Spawn(Shell("(while [ -e /proc/$$ ]; do :; done; exit 9) & exit 0"));
        await parent.Exited.WaitAsync(Scene.Deadline);
        Image.Say("orphan", await reaped.Task.WaitAsync(Scene.Deadline));
        using var ours = spawner.Spawn(Shell("exit 3"));
        using var theirs = Process.Start("/bin/sh", ["-c", "exit 4"]);
        Image.Say("ours", await ours.Exited.WaitAsync(Scene.Deadline));
        await theirs.WaitForExitAsync();
        Image.Say("theirs", theirs.ExitCode);
        Image.Say("left", ProcessStat.All().Count(process => process.Parent == Environment.ProcessId));
    }

    private static SpawnRequest Shell(string script) => new()
    {
        Command = ["/bin/sh", "-c", script],
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
        WorkingDirectory = "/",
    };
}
