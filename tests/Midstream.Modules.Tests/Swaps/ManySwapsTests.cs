// Many swaps under load: nothing is lost, and nothing stays. The number is set by MIDSTREAM_TEST_SWAPS.

using System.Diagnostics;
using System.Globalization;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Swaps;

public sealed class ManySwapsTests(ITestOutputHelper output)
{
    private const int Clients = 50;
    private const int WarmUpSwaps = 20;
    private const double SlopeBytesMax = 5 * 1024;

    private static readonly int s_swaps =
        int.Parse(Environment.GetEnvironmentVariable("MIDSTREAM_TEST_SWAPS") ?? "100", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Swap_ManyTimesUnderFiftyClients_LosesNothingAndLeavesNothingBehind()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        using var clients = new CountingClients(scene.Address);
        clients.Start(Clients);
        await clients.AnsweredAsync(200);

        var retired = new List<Task<Retirement>>();
        var times = new List<TimeSpan>();
        var (bytesBefore, residentBefore) = (0L, 0L);
        for (var swap = 0; swap < s_swaps + WarmUpSwaps; swap++)
        {
            if (swap == WarmUpSwaps)
            {
                await Task.WhenAll(retired);
                (bytesBefore, residentBefore) = Measure();
            }

            var begun = Stopwatch.GetTimestamp();
            retired.Add((await scene.DeployAsync(swap % 2 == 0 ? TestModule.GreeterV2 : TestModule.GreeterV1)).Retirement!);
            times.Add(Stopwatch.GetElapsedTime(begun));
            await clients.AnsweredAsync(20);
        }

        await clients.StopAsync();
        Assert.All(await Task.WhenAll(retired), ended =>
        {
            Assert.Empty(ended.Faults);
            Assert.Equal(UnloadOutcome.Collected, ended.Verdict.Outcome);
        });
        Assert.Equal($"{clients.Counted}", await scene.GetAsync("/greeter/count"));
        // Other tests of this process hold memory for a moment; what is leaked stays.
        var (slope, residentAfter) = (double.MaxValue, 0L);
        await Eventually.HoldsAsync(
            () =>
            {
                (var bytesAfter, residentAfter) = Measure();
                slope = (double)(bytesAfter - bytesBefore) / s_swaps;
                return slope <= SlopeBytesMax;
            },
            () => $"{slope:0} bytes a swap stay.");
        times.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{s_swaps} swaps, {clients.Answers} answers; swap median {times[times.Count / 2].TotalMilliseconds:0} ms, worst " +
            $"{times[^1].TotalMilliseconds:0} ms; managed {slope:0} bytes a swap; resident {residentBefore >> 20} -> " +
            $"{residentAfter >> 20} MB"));
    }

    private static (long Managed, long Resident) Measure()
    {
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return (managed, process.WorkingSet64);
    }
}
