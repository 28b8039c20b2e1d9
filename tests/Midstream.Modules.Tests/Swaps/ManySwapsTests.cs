// Many swaps under load: nothing is lost, and nothing stays. The number is set by MIDSTREAM_TEST_SWAPS.

using System.Diagnostics;
using System.Globalization;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;

namespace Midstream.Modules.Tests.Swaps;

public sealed class ManySwapsTests(ITestOutputHelper output)
{
    private const int Clients = 50;
    private const int WarmUpSwaps = 20;
    private const double SlopeBytesMax = 5 * 1024;

    private static readonly int s_swaps =
        int.Parse(Environment.GetEnvironmentVariable("MIDSTREAM_TEST_SWAPS") ?? "200", CultureInfo.InvariantCulture);

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
                (bytesBefore, residentBefore) = await MeasureAsync(retired);
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
        var (bytesAfter, residentAfter) = await MeasureAsync(retired);
        var slope = (double)(bytesAfter - bytesBefore) / s_swaps;
        times.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{s_swaps} swaps, {clients.Answers} answers; swap median {times[times.Count / 2].TotalMilliseconds:0} ms, worst " +
            $"{times[^1].TotalMilliseconds:0} ms; managed {slope:0} bytes a swap; resident {residentBefore >> 20} -> " +
            $"{residentAfter >> 20} MB"));
        Assert.InRange(slope, double.MinValue, SlopeBytesMax);
    }

    private static async Task<(long Managed, long Resident)> MeasureAsync(List<Task<Retirement>> retired)
    {
        await Task.WhenAll(retired);
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        using var process = Process.GetCurrentProcess();
        return (managed, process.WorkingSet64);
    }
}
