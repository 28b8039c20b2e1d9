// UDP through replacements: one socket for all generations, whose queue keeps what nobody has received yet.

using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class DatagramTests
{
    private const int Deployments = 10;
    private const string Configuration = """
        {
          "probation": { "duration_ms": 0 },
          "environment": { "DATAGRAM_SOCKET": "game" },
          "listen": ["http://127.0.0.1:0", { "url": "udp://127.0.0.1:0", "name": "game" }]
        }
        """;

    [Fact]
    public async Task Deploy_TenTimesUnderNumberedDatagrams_LosesNoneAndAnswersNoneTwice()
    {
        using var folder = new TemporaryFolder();
        var movable = Repository.Published("tests/TestApps/Movable");
        await using var service = await MidstreamService.StartAsync(folder, movable, Configuration, listen: []);
        await using var sender = new DatagramSender((await service.StatusAsync()).Listeners[1]);
        await sender.AnsweredAsync(20);

        for (var number = 1; number <= Deployments; number++)
        {
            await service.DeployWellAsync(movable);
            await sender.AnsweredAsync(20);
        }

        Assert.Empty(await sender.EndAsync());
        Assert.Equal(Deployments + 1, sender.Processes.Count);
    }

    [Fact]
    public async Task ReloadUpgradeAndKill_UnderNumberedDatagrams_KeepTheSocket()
    {
        using var folder = new TemporaryFolder();
        var movable = Repository.Published("tests/TestApps/Movable");
        await using var first = await MidstreamService.StartAsync(folder, movable, Configuration, listen: []);
        var before = await first.StatusAsync();
        await using var sender = new DatagramSender(before.Listeners[1]);

        Assert.Equal(0, (await first.RunAsync("reload")).ExitCode);
        Assert.Equal(0, (await first.RunAsync("upgrade")).ExitCode);
        await SuccessionScene.KillAsync(before.Supervisor.Pid);
        await sender.AnsweredAsync(20);
        await using var next = await MidstreamService.StartAsync(folder, release: null, Configuration, listen: []);
        await next.DeployWellAsync(movable);
        await sender.AnsweredAsync(20);

        Assert.Equal(before.Listeners, (await next.StatusAsync()).Listeners);
        Assert.Empty(await sender.EndAsync());
        Assert.Equal(3, sender.Processes.Count);
    }
}
