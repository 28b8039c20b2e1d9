using System.Text.Json;
using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>What must hold after any fault, whatever it was and wherever it came.</summary>
internal static class Aftermath
{
    /// <summary>Fails the test unless one generation serves, the state on disk says so, and the next deployment works.</summary>
    /// <param name="scene">The service.</param>
    /// <param name="result">How the operation ended that the fault came into.</param>
    public static async Task AssertSoundAsync(Scene scene, ResultEvent result)
    {
        var status = await scene.Service.WaitForStatusAsync(
            now => now is { Operation: null, State: "serving" } && now.Workers.All(worker => worker.State == "serving"));
        Assert.Equal(result.Release, status.Release);
        Assert.Single(status.Workers.Select(worker => worker.Generation).Distinct());
        Assert.Equal(status.WorkerCount, status.Workers.Count);
        AssertStateSays(scene, status);

        var next = await scene.Service.DeployWellAsync(scene.Folder.Working("next"));

        var after = await scene.Service.StatusAsync();
        Assert.Equal(next.Release, after.Release);
        Assert.Null(after.Problem);
        AssertStateSays(scene, after);
        await scene.AssertNothingLeftAsync();
        AssertFilesAreThoseOf(scene, after);
    }

    // What is written down is what a supervisor that comes after a kill would believe.
    private static void AssertStateSays(Scene scene, ServiceStatus status)
    {
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(scene.Service.State, "tested", "state.json")));
        Assert.Equal(status.Release, state.RootElement.GetProperty("current").GetString());
        Assert.Equal(status.Committed, state.RootElement.GetProperty("committed").GetBoolean());
        Assert.True(status.Workers.Max(worker => worker.Generation) <= state.RootElement.GetProperty("generation").GetInt64());
    }

    private static void AssertFilesAreThoseOf(Scene scene, ServiceStatus status)
    {
        var folder = Path.Combine(scene.Service.State, "tested");
        Assert.Equal(
            status.Workers.SelectMany(worker => new[] { $"{worker.Name}.json", $"{worker.Name}.sock" })
                .Order(StringComparer.Ordinal),
            Directory.EnumerateFileSystemEntries(Path.Combine(folder, "workers")).Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));
        Assert.Equal(
            ["control.sock", "ledger.jsonl", "lock", "logs", "releases", "state.json", "workers"],
            Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName)
                // Written now and then, so it may be there or not.
                .Where(name => name != "counters.json").Order(StringComparer.Ordinal));
    }
}
