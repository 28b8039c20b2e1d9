// The whole under a real systemd, by the unit that install-unit writes: start, watchdog, reload, update, restart, kill, stop,
// and sockets that systemd binds.

using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.Prove;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Systemd;

public sealed class UnitTests
{
    private const int LongestMs = 2 * 60 * 1000;

    // Those that keep a connection would see it closed when the service stops.
    private static readonly Dictionary<ClientKind, int> s_newConnections = new() { [ClientKind.NewConnection] = 3 };

    [Fact(Timeout = LongestMs)]
    public async Task Start_ReturnsWhenTheServiceServes_AndStopLeavesNobody()
    {
        await using var scene = await UnitScene.InstallAsync();
        using var http = new HttpClient();

        await scene.SystemctlAsync("start");
        using var answer = await http.GetAsync(scene.Url);
        var (status, supervisor) = (await scene.StatusAsync(), await scene.MainPidAsync());
        await scene.SystemctlAsync("stop");

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(supervisor, status.Supervisor.Pid);
        Assert.Equal("inactive", await scene.ShowAsync("ActiveState"));
        Assert.Equal(["success exited 0"], scene.Ends());
        Assert.Empty(scene.Manager.ProcessesOf("midstream-tested.service"));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Start_OfAServiceThatCannotServe_FailsAndIsNotTriedForEver()
    {
        await using var scene = await UnitScene.InstallAsync(release: folder => folder.Faulty("crash-at-start"));

        var started = await scene.Manager.RunAsync("systemctl", "start", "midstream-tested.service");

        Assert.NotEqual(0, started.ExitCode);
        await Waiting.UntilAsync(async () => await scene.ShowAsync("ActiveState") == "failed", "the end of the attempts");
        Assert.All(scene.Ends(), end => Assert.Equal("exit-code exited 6", end));
        Assert.Empty(scene.Manager.ProcessesOf("midstream-tested.service"));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Watchdog_OfASupervisorThatHangs_KillsItAndTheNextTakesOver()
    {
        await using var scene = await UnitScene.InstallAsync(dropIn: "WatchdogSec=1");
        await scene.SystemctlAsync("start");
        var before = await scene.StatusAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        await scene.SignalAsync(before.Supervisor.Pid, "STOP");
        var status = await scene.NextSupervisorAsync(before.Supervisor.Pid);

        await load.EndWithoutLossAsync();
        Assert.Equal(["watchdog killed KILL"], scene.Ends());
        Assert.Equal(before.Workers[0].Pid, Assert.Single(status.Workers).Pid);
        await AssertDeploysAsync(scene);
    }

    [Theory(Timeout = LongestMs)]
    [InlineData("tests/TestApps/Echo", null)]
    // Not a word of Midstream's protocol: its descriptors are copied, which the unit's hardening has to allow.
    [InlineData("tests/TestApps/SystemdWeb", """ "inject": false, "ready": { "http": "/" }, """)]
    public async Task Kill_OfTheSupervisor_NextTakesOver(string application, string? options)
    {
        await using var scene = await UnitScene.InstallAsync(
            options, folder => folder.MakeRelease(Repository.Published(application), "first"));
        await scene.SystemctlAsync("start");
        var before = await scene.StatusAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        await scene.SignalAsync(before.Supervisor.Pid, "KILL");
        var status = await scene.NextSupervisorAsync(before.Supervisor.Pid);

        await load.EndWithoutLossAsync();
        Assert.Equal(["signal killed KILL"], scene.Ends());
        Assert.Equal(before.Workers[0].Pid, Assert.Single(status.Workers).Pid);
    }

    [Fact(Timeout = LongestMs)]
    public async Task Reload_DeploymentAndUpgrade_KeepTheMainProcessAndLoseNothing()
    {
        await using var scene = await UnitScene.InstallAsync(dropIn: "WatchdogSec=1");
        await scene.SystemctlAsync("start");
        var supervisor = await scene.MainPidAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Url);

        scene.Configure(""" "workers": { "count": 2 }, """);
        await scene.SystemctlAsync("reload");
        await Waiting.UntilAsync(async () => await IsReloadedAsync(scene), "the reload");
        await AssertDeploysAsync(scene);
        var upgraded = Assert.IsType<ResultEvent>(await scene.AskAsync("upgrade"));
        await AssertDeploysAsync(scene, "third");

        await load.EndWithoutLossAsync();
        Assert.Equal(Outcomes.Committed, upgraded.Outcome);
        Assert.Equal(supervisor, await scene.MainPidAsync());
        Assert.Equal(supervisor, (await scene.StatusAsync()).Supervisor.Pid);
        Assert.Equal("active", await scene.ShowAsync("ActiveState"));
        Assert.False(File.Exists(scene.Folder.In("ends")));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Restart_KeepsTheSocketsInTheDescriptorStore_SoThatClientsWaitAndNoneIsRefused()
    {
        await using var scene = await UnitScene.InstallAsync();
        await scene.SystemctlAsync("start");
        var before = await scene.StatusAsync();
        Assert.Equal("1", await scene.ShowAsync("NFileDescriptorStore"));
        await using var traffic = await ProvedTraffic.StartAsync(scene.Url.ToString(), s_newConnections);

        await scene.SystemctlAsync("restart");
        await scene.SystemctlAsync("restart");

        var report = await traffic.EndAsync();
        Assert.True(report.NothingLost, report.ToJson());
        Assert.Equal(2, scene.Ends().Count);
        Assert.NotEqual(before.Supervisor.Pid, (await scene.StatusAsync()).Supervisor.Pid);
        Assert.Equal("1", await scene.ShowAsync("NFileDescriptorStore"));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Activation_BySocketsOfSystemd_StartsTheServiceAndOutlivesIt()
    {
        await using var scene = await UnitScene.InstallAsync();
        await scene.AddUnitAsync("midstream-tested.socket", $"[Socket]\nListenStream={scene.Url.Authority}\n");
        await scene.Manager.SystemctlAsync("start", "midstream-tested.socket");
        using var http = new HttpClient();

        using var first = await http.GetAsync(scene.Url);
        await using var traffic = await ProvedTraffic.StartAsync(scene.Url.ToString(), s_newConnections);
        await scene.SystemctlAsync("restart");
        await AssertDeploysAsync(scene);
        // Nobody's order: the clients start it again.
        await scene.SystemctlAsync("stop");
        await Waiting.UntilAsync(async () => await scene.ShowAsync("ActiveState") == "active", "the second activation");

        var report = await traffic.EndAsync();
        Assert.True(first.IsSuccessStatusCode);
        Assert.True(report.NothingLost, report.ToJson());
        Assert.Equal("0", await scene.ShowAsync("NFileDescriptorStore"));
    }

    [Fact(Timeout = LongestMs)]
    public async Task Worker_UnderTheUnit_IsHardened()
    {
        await using var scene = await UnitScene.InstallAsync();
        await scene.SystemctlAsync("start");

        var worker = (await scene.StatusAsync()).Workers[0].Pid;
        var shown = (await scene.Manager.RunAsync("cat", $"/proc/{worker}/status")).Output;
        var written = await scene.Manager.RunAsync("nsenter", "--target", $"{worker}", "--mount", "touch", "/etc/written");

        Assert.Contains("NoNewPrivs:\t1\n", shown, StringComparison.Ordinal);
        Assert.Contains("Seccomp:\t2\n", shown, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", written.Error, StringComparison.Ordinal);
    }

    private static async Task<bool> IsReloadedAsync(UnitScene scene)
    {
        var status = await scene.StatusAsync();
        return status.Operation is null && status.Workers.Count == 2
            && status.Workers.All(worker => worker.Generation > 1 && worker.State == "serving");
    }

    private static async Task AssertDeploysAsync(UnitScene scene, string marker = "next")
    {
        var result = Assert.IsType<ResultEvent>(await scene.AskAsync("deploy", scene.Folder.Working(marker)));
        Assert.Equal(Outcomes.Committed, result.Outcome);
    }
}
