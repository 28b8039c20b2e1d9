using System.Diagnostics;

namespace Midstream.Releases.Tests;

// What must hold between processes and after a process is gone: nothing here is simulated.
public sealed class OtherProcessTests : StoreFixture
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Add_SameReleasesFromSeveralProcessesAtOnce_StoresEachOnce()
    {
        var sources = Enumerable.Range(0, 5).Select(at => Path.GetDirectoryName(
            Temporary.File($"sources/{at}/app", new string((char)('a' + at), 1 << 20)))!).ToList();
        var processes = Enumerable.Range(0, 3).Select(_ => OtherProcess.StartAdding(StoreDirectory, sources)).ToList();

        var answers = await Task.WhenAll(processes.Select(ExitAsync));

        Assert.All(answers, answer => Assert.Equal((0, answers[0].Said), (answer.Code, answer.Said)));
        Assert.Equal(5, Store.List().Count);
        Assert.Equal(10, NamesInStore().Count);
        Assert.All(Store.List(), release => Assert.Null(Store.FindDamage(release.Id)));
    }

    [Fact]
    public async Task Open_AfterAProcessWasKilledWhileCopying_RemovesItsCopyButNotALivingOnes()
    {
        FillLarge("killed", 64);
        FillLarge("living", 64);
        using var killed = await StartCopyingAsync("killed");
        killed.Kill();
        await killed.WaitForExitAsync().WaitAsync(s_deadline);
        var abandoned = Incoming();
        using var living = await StartCopyingAsync("living");

        Assert.NotEmpty(abandoned);
        var reopened = ReleaseStore.Open(StoreDirectory);

        Assert.Empty(Incoming().Intersect(abandoned));
        var (code, said) = await ExitAsync(living);
        Assert.Equal(0, code);
        Assert.Equal(said.Trim(), Assert.Single(reopened.List()).Id);
        Assert.Equal(2, NamesInStore().Count);
        Assert.Null(reopened.FindDamage(said.Trim()));
    }

    // A real full disk: a small tmpfs in a mount namespace of the other process's own, gone with it. Without root the
    // namespace needs a user namespace, which some systems forbid; the test is skipped there and says so.
    [Fact]
    public async Task Add_DiskFull_SaysSoAndLeavesNothing()
    {
        FillLarge("large", 8);
        var mountPoint = Temporary.Folder("small-disk");
        string[] unshare = Environment.IsPrivilegedProcess ? ["unshare", "-m"] : ["unshare", "-rm"];
        const string MountAndRun = "mount -t tmpfs -o size=4m small \"$0\" || exit 77; exec \"$@\"";

        using var process = OtherProcess.StartAdding(
            mountPoint, [Temporary.At("large")], [.. unshare, "sh", "-c", MountAndRun, mountPoint]);
        var (code, said) = await ExitAsync(process);

        Assert.SkipWhen(code is 1 or 77, "This system lets the test mount no small file system.");
        Assert.Equal(3, code);
        Assert.StartsWith("DiskFull: There is no room left", said, StringComparison.Ordinal);
        Assert.EndsWith("left: .lock\n", said, StringComparison.Ordinal);
    }

    private void FillLarge(string folder, int megabytes)
    {
        for (var file = 0; file < megabytes; file++)
            Temporary.File($"{folder}/{file}", new string('x', 1 << 20));
    }

    private List<string> Incoming() =>
        [.. NamesInStore().Where(name => name.StartsWith(".incoming-", StringComparison.Ordinal))];

    /// <summary>Starts a process and waits until its copy has begun.</summary>
    private async Task<Process> StartCopyingAsync(string folder)
    {
        using var watcher = new FileSystemWatcher(StoreDirectory) { IncludeSubdirectories = true, EnableRaisingEvents = true };
        var copying = new TaskCompletionSource();
        watcher.Created += (_, made) =>
        {
            if (made.Name!.StartsWith(".incoming-", StringComparison.Ordinal) && made.Name.Contains('/'))
                copying.TrySetResult();
        };
        var process = OtherProcess.StartAdding(StoreDirectory, [Temporary.At(folder)]);
        await copying.Task.WaitAsync(s_deadline);
        return process;
    }

    private static async Task<(int Code, string Said)> ExitAsync(Process process)
    {
        try
        {
            var said = process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(s_deadline);
            return (process.ExitCode, await said);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
