// Swaps a module again and again while a few clients use it: none of them may see an error, and every generation has to go. The
// number is set by MIDSTREAM_TEST_FRAMEWORK_SWAPS.

using System.Globalization;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;
using Midstream.TestKit;

namespace Midstream.Modules.FrameworkTests;

/// <summary>One client's work, over and over.</summary>
/// <param name="client">The client's number, from 0.</param>
internal delegate Task Use(int client);

internal static class SwappedUnderTraffic
{
    private const int Clients = 3;

    // Enough to tell a leak from chance, in about ten seconds for the slowest of them.
    private static readonly int s_swaps =
        int.Parse(Environment.GetEnvironmentVariable("MIDSTREAM_TEST_FRAMEWORK_SWAPS") ?? "5", CultureInfo.InvariantCulture);

    /// <summary>Runs the swaps and asserts.</summary>
    /// <returns>How often the module was used.</returns>
    internal static async Task<long> RunAsync(ModuleScene scene, string package, Use use)
    {
        await scene.DeployAsync(package);
        using var enough = new CancellationTokenSource();
        var uses = 0L;
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                await use(client);
                Interlocked.Increment(ref uses);
            }
        })).ToList();

        var retired = new List<Task<Retirement>>();
        for (var swap = 0; swap < s_swaps; swap++)
        {
            await UsedAsync(() => Volatile.Read(ref uses), clients);
            retired.Add((await scene.DeployAsync(package)).Retirement!);
        }

        await UsedAsync(() => Volatile.Read(ref uses), clients);
        await enough.CancelAsync();
        await Task.WhenAll(clients);
        foreach (var ended in await Task.WhenAll(retired))
            AssertGone(ended);
        return uses;
    }

    private static async Task UsedAsync(Func<long> uses, List<Task> clients)
    {
        var goal = uses() + 10;
        await Waiting.UntilAsync(() => uses() >= goal || clients.Exists(client => client.IsFaulted), "ten more uses");
    }

    private static void AssertGone(Retirement ended)
    {
        Assert.Empty(ended.Faults);
        Assert.Empty(ended.Aborted);
        Assert.True(
            ended.Verdict.Outcome == UnloadOutcome.Collected,
            $"Generation {ended.Generation} of {s_swaps + 1}: {string.Join('\n', ended.Verdict.Culprits)}");
    }
}
