// Everything in one run: deployments, the supervisor's own updates and kills of the supervisor, in turn, under every kind of
// traffic.
// By default it is short. MIDSTREAM_LONG_RUN=200/20/5 makes it so many deployments, updates and kills.

using System.Globalization;
using Midstream.FunctionalTests.Traffic;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

public sealed class LongRunTests(ITestOutputHelper output)
{
    private const string Variable = "MIDSTREAM_LONG_RUN";
    private const string Short = "4/1/1";
    private const int LongestMs = 60 * 60 * 1000;

    [Fact(Timeout = LongestMs)]
    public async Task DeploymentsUpdatesAndKills_InOneRunUnderAllKindsOfTraffic_LoseNothing()
    {
        var wanted = Environment.GetEnvironmentVariable(Variable) ?? Short;
        if (wanted.Split('/').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray()
            is not [var deployments, var upgrades, var kills])
            throw new ArgumentException($"{Variable} is '{wanted}'; it must be as {Short}.");
        await using var scene = await SuccessionScene.StartAsync(workers: 2);
        var echo = Repository.Published("tests/TestApps/Echo");
        string[] releases = [scene.Folder.MakeRelease(echo, "a"), scene.Folder.MakeRelease(echo, "b")];
        await using var traffic = await Guarantees.StartTrafficAsync(scene.Url);
        var began = DateTime.UtcNow;

        var served = new HashSet<string> { scene.First.Release! };
        var (upgraded, killed) = (0, 0);
        for (var number = 1; number <= deployments; number++)
        {
            served.Add((await scene.Service.DeployWellAsync(releases[number % 2])).Release!);
            // Spread evenly: the last of each comes with the last deployment.
            for (; upgraded < number * upgrades / deployments; upgraded++)
                await scene.UpgradeWellAsync();
            for (; killed < number * kills / deployments; killed++)
                await scene.KillAndRunAsync();
        }

        var status = await scene.Service.StatusAsync();
        var took = DateTime.UtcNow - began;
        var report = await traffic.EndAsync();
        output.WriteLine($"{deployments} deployments, {upgraded} updates and {killed} kills of the supervisor in " +
            $"{took.TotalSeconds:0} s: {report.Requests} requests, {report.Lost} lost, {report.Connections.Survived} of " +
            $"{report.Connections.OpenedAtBeginning} connections survived; p50 {report.Latency.P50Ms} ms, p99 " +
            $"{report.Latency.P99Ms} ms, p99.9 {report.Latency.P999Ms} ms, max {report.Latency.MaxMs} ms");
        Guarantees.AssertNothingLost(report, served);
        Assert.Equal((upgrades, kills), (upgraded, killed));
        Assert.Equal(upgrades, scene.Ledger("upgrade").Count);
        Assert.Equal(kills, scene.Ledger("take-over").Count);
        Assert.Equal(deployments, scene.Ledger("deploy").Count);
        await scene.AssertSettledAsync(status);
    }
}
