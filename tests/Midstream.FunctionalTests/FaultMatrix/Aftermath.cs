using System.Text.Json;
using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.FunctionalTests.Succession;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.FaultMatrix;

/// <summary>What must hold after any fault, whatever it was and wherever it came.</summary>
internal static class Aftermath
{
    // The counters are written now and then.
    private static readonly string[] s_files =
        ["control.sock", "counters.json", "ledger.jsonl", "lock", "logs", "releases", "state.json", "workers"];

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
        await StateSaysAsync(scene.Service, status);

        var next = await scene.Service.DeployWellAsync(scene.Folder.Working("next"));

        var after = await scene.Service.StatusAsync();
        Assert.Equal(next.Release, after.Release);
        Assert.Null(after.Problem);
        await StateSaysAsync(scene.Service, after);
        await scene.AssertNothingLeftAsync();
        await Eventually.HoldsAsync(() => FilesAreThoseOf(scene.Service, after), () => Describe(scene.Service));
    }

    /// <summary>Fails the test unless one generation serves, the state on disk says so, and the next time works.</summary>
    /// <param name="scene">The service.</param>
    /// <param name="again">Does once more what the fault came into; it must succeed now.</param>
    public static async Task AssertSoundAsync(SuccessionScene scene, Func<Task> again)
    {
        var status = await scene.Service.WaitForStatusAsync(now => now.Operation is null);
        await scene.AssertSettledAsync(status);
        await StateSaysAsync(scene.Service, status);

        await again();

        var after = await scene.AssertNextDeployWorksAsync();
        await StateSaysAsync(scene.Service, after);
        await Eventually.HoldsAsync(() => FilesAreThoseOf(scene.Service, after), () => Describe(scene.Service));
    }

    // What is written down is what a supervisor that comes after a kill would believe. What a full disk has refused is written
    // when it takes it again, in a moment of its own.
    private static Task StateSaysAsync(MidstreamService service, ServiceStatus status)
    {
        var file = Path.Combine(service.State, "tested", "state.json");
        return Eventually.HoldsAsync(() => Says(file, status), () => $"Not {status}: {File.ReadAllText(file)}");
    }

    private static bool Says(string file, ServiceStatus status)
    {
        using var state = JsonDocument.Parse(File.ReadAllText(file));
        var written = state.RootElement;
        return written.GetProperty("current").GetString() == status.Release
            && written.GetProperty("committed").GetBoolean() == status.Committed
            && written.GetProperty("generation").GetInt64() >= status.Workers.Max(worker => worker.Generation);
    }

    // A file that is being written has another name for a moment.
    private static bool FilesAreThoseOf(MidstreamService service, ServiceStatus status)
    {
        var workers = status.Workers.SelectMany(worker => new[] { $"{worker.Name}.json", $"{worker.Name}.sock" });
        return Names(service, "workers").ToHashSet().SetEquals(workers)
            && Names(service, "").ToHashSet().IsSubsetOf(s_files) && Names(service, "releases").All(IsKnownInTheStore);
    }

    private static bool IsKnownInTheStore(string name) => name == ".lock" || !name.StartsWith('.');

    private static string Describe(MidstreamService service) => "There are " +
        $"{string.Join(", ", ((string[])["", "workers", "releases"]).SelectMany(folder => Names(service, folder)))}.";

    private static IEnumerable<string> Names(MidstreamService service, string folder) =>
        Directory.EnumerateFileSystemEntries(Path.Combine(service.State, "tested", folder))
            .Select(path => Path.GetFileName(path));
}
