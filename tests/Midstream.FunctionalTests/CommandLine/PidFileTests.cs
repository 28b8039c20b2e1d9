using System.Globalization;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.CommandLine;

/// <summary>The pid file holds the number of who is in charge: from when it serves until it has stopped.</summary>
public sealed class PidFileTests
{
    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task PidFile_OverUpdateKillAndStop_HoldsWhoIsInChargeAndIsRemovedAtTheEnd()
    {
        using var elsewhere = new TemporaryFolder();
        var file = elsewhere.In("tested.pid");
        await using var scene = await SuccessionScene.StartAsync(options: OptionsWith(file) + ",");
        Assert.Equal(scene.First.Supervisor.Pid, Read(file));
        var written = new FileInfo(file).LastWriteTimeUtc;

        await scene.UpgradeWellAsync();

        Assert.Equal(scene.First.Supervisor.Pid, Read(file));
        Assert.Equal(written, new FileInfo(file).LastWriteTimeUtc);

        var next = await scene.KillAndRunAsync();

        Assert.NotEqual(scene.First.Supervisor.Pid, next.Supervisor.Pid);
        Assert.Equal(next.Supervisor.Pid, Read(file));

        Assert.Equal(0, (await scene.Service.RunAsync("stop")).ExitCode);

        Assert.False(File.Exists(file));
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere.Path));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task PidFile_OfAServiceThatDoesNotStart_IsNotWritten()
    {
        using var folder = new TemporaryFolder();
        await using var service = MidstreamService.Launch(
            folder, folder.Faulty("crash-at-start"), $"{{ {OptionsWith(folder.In("tested.pid"))} }}");

        Assert.Equal(6, (await service.Supervisor.WaitAsync()).ExitCode);

        Assert.False(File.Exists(folder.In("tested.pid")));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Stop_PidFileOfSomebodyElseByThen_IsLeft()
    {
        using var folder = new TemporaryFolder();
        var file = folder.In("tested.pid");
        await using var service = await MidstreamService.StartAsync(
            folder, folder.Working("first"), $"{{ {OptionsWith(file)} }}");
        await File.WriteAllTextAsync(file, "1\n");

        Assert.Equal(0, (await service.RunAsync("stop")).ExitCode);

        Assert.Equal(1, Read(file));
    }

    [Theory(Timeout = SuccessionScene.LongestMs)]
    [InlineData("no-folder/tested.pid", "ENOENT")]
    [InlineData("a-folder", "is no file but a folder")]
    [InlineData("notes.txt", "holds something else than a process id")]
    public async Task Run_PidFileThatCannotBeWritten_DoesNotStart(string path, string reason)
    {
        using var folder = new TemporaryFolder();
        Obstruct(folder);
        await using var service = MidstreamService.Launch(
            folder, folder.Working("first"), $"{{ {OptionsWith(folder.In(path))} }}");

        var ended = await service.Supervisor.WaitAsync();

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("The pid file cannot be written: ", ended.Error, StringComparison.Ordinal);
        Assert.Contains(reason, ended.Error, StringComparison.Ordinal);
        Assert.Equal("not a number", await File.ReadAllTextAsync(folder.In("notes.txt")));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Reload_AnotherPidFile_IsWrittenAndTheOldOneRemovedAndABadOneChangesNothing()
    {
        using var folder = new TemporaryFolder();
        Obstruct(folder);
        var (first, second) = (folder.In("first.pid"), folder.In("second.pid"));
        await using var service = await MidstreamService.StartAsync(
            folder, folder.Working("first"), $"{{ {OptionsWith(first)} }}");

        await File.WriteAllTextAsync(service.Configuration, $"{{ {OptionsWith(folder.In("a-folder"))} }}");
        var refused = await service.RunAsync("reload");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("is no file but a folder", refused.Error, StringComparison.Ordinal);
        Assert.Equal(service.Supervisor.Pid, Read(first));

        await File.WriteAllTextAsync(service.Configuration, $"{{ {OptionsWith(second)} }}");
        Assert.Equal(0, (await service.RunAsync("reload")).ExitCode);

        Assert.Equal(service.Supervisor.Pid, Read(second));
        Assert.False(File.Exists(first));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task Upgrade_WithAnotherPidFileInTheConfiguration_MovesIt()
    {
        using var elsewhere = new TemporaryFolder();
        var (first, second) = (elsewhere.In("first.pid"), elsewhere.In("second.pid"));
        await using var scene = await SuccessionScene.StartAsync(options: OptionsWith(first) + ",");
        await File.WriteAllTextAsync(scene.Service.Configuration, $"{{ {OptionsWith(second)} }}");

        await scene.UpgradeWellAsync();

        Assert.Equal(scene.First.Supervisor.Pid, Read(second));
        Assert.False(File.Exists(first));
    }

    [Fact(Timeout = SuccessionScene.LongestMs)]
    public async Task TakeOver_WithAPidFileThatCannotBeWritten_ReportsItAndTakesOver()
    {
        using var elsewhere = new TemporaryFolder();
        var file = elsewhere.In("tested.pid");
        await using var scene = await SuccessionScene.StartAsync(options: OptionsWith(file) + ",");
        await scene.KillSupervisorAsync();
        File.Delete(file);
        Directory.CreateDirectory(file);

        var status = await scene.RunAsync();

        Assert.Equal(scene.First.Workers.Select(worker => worker.Pid), status.Workers.Select(worker => worker.Pid));
        await scene.Service.Supervisor.WaitForTextAsync("The pid file could not be kept up to date");
    }

    private static void Obstruct(TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder.In("a-folder"));
        File.WriteAllText(folder.In("notes.txt"), "not a number");
    }

    private static string OptionsWith(string file) =>
        $"\"pid_file\": \"{file}\", \"probation\": {{ \"duration_ms\": 50 }}";

    private static int Read(string file) => int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture);
}
