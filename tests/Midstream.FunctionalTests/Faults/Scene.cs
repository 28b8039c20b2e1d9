using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Faults;

/// <summary>
/// A service whose first release works, and what it looked like before something went wrong: to compare with afterwards.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private IReadOnlyList<(int Number, string Target)> _descriptors = [];

    private Scene(TemporaryFolder folder, MidstreamService service, WorkerStatus first)
    {
        Folder = folder;
        Service = service;
        First = first;
    }

    public TemporaryFolder Folder { get; }

    public MidstreamService Service { get; }

    /// <summary>Gets the generation that served first.</summary>
    public WorkerStatus First { get; }

    public static Task<Scene> StartAsync(string? configuration = null, Func<TemporaryFolder, string>? release = null) =>
        StartAsync(new TemporaryFolder(), configuration, release);

    /// <summary>Starts a service in surroundings of its own.</summary>
    /// <param name="folder">The test's folder, which the scene removes.</param>
    /// <param name="configuration">The content of midstream.json; null for none.</param>
    /// <param name="release">Makes the first release; null for one that works.</param>
    /// <param name="environment">Variables for the supervisor.</param>
    /// <param name="disk">The state's own disk; null for the folder's.</param>
    public static async Task<Scene> StartAsync(
        TemporaryFolder folder,
        string? configuration,
        Func<TemporaryFolder, string>? release,
        IReadOnlyDictionary<string, string?>? environment = null,
        SmallDisk? disk = null)
    {
        try
        {
            var first = release is null ? folder.Working("first") : release(folder);
            var service = await MidstreamService.StartAsync(
                folder, first, configuration, environment: environment, disk: disk);
            var status = await service.StatusAsync();
            var scene = new Scene(folder, service, Assert.Single(status.Workers));
            scene._descriptors = Processes.Descriptors(service.Supervisor.Pid);
            return scene;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Begins a deployment and waits until it is in a phase.</summary>
    /// <returns>The program, which runs on.</returns>
    public async Task<RunningProgram> BeginDeployAsync(string release, string phase)
    {
        var deploy = Service.Begin("deploy", release, "--json");
        await deploy.WaitForTextAsync($"\"phase\":\"{phase}\"");
        return deploy;
    }

    /// <summary>Reads the one result that a program with --json has printed.</summary>
    public static ResultEvent ResultOf(ProgramResult program) =>
        OperatorProtocol.ReadEvent(program.Output.Trim()) as ResultEvent
            ?? throw new InvalidOperationException($"There is no result: {program}");

    /// <summary>Finds the new generation of the deployment that is under way.</summary>
    public async Task<WorkerStatus> NewGenerationAsync() =>
        (await Service.WaitForStatusAsync(status => status.Workers.Any(worker => worker.Generation > First.Generation)))
            .Workers.First(worker => worker.Generation > First.Generation);

    /// <summary>Fails the test unless the first generation serves as if nothing had been tried.</summary>
    public async Task AssertFirstServesOnAsync()
    {
        var status = await Service.StatusAsync();
        Assert.Equal("serving", status.State);
        Assert.Null(status.Problem);
        Assert.True(status.Committed);
        Assert.Equal(First.Release, status.Release);
        Assert.Equal(First.Pid, Assert.Single(status.Workers).Pid);
        await AssertNothingLeftAsync();
    }

    /// <summary>Fails the test unless the first release serves again, in a generation of its own.</summary>
    public async Task AssertFirstReleaseServesAgainAsync()
    {
        var status = await Service.StatusAsync();
        Assert.Equal("serving", status.State);
        Assert.True(status.Committed);
        Assert.Equal(First.Release, status.Release);
        Assert.Equal(First.Release, Assert.Single(status.Workers).Release);
        await AssertNothingLeftAsync();
    }

    /// <summary>Fails the test unless what was tried is gone: its processes, its descriptors, its half-made copies.</summary>
    public async Task AssertNothingLeftAsync()
    {
        var supervisor = Service.Supervisor.Pid;
        await Eventually.HoldsAsync(
            () => Processes.Children(supervisor).Count == 1,
            () => $"The supervisor has the processes {string.Join(", ", Processes.Children(supervisor))}; one was expected.",
            s_settling);
        await Eventually.HoldsAsync(
            () => Processes.Descriptors(supervisor).Count <= _descriptors.Count,
            () => $"The supervisor has more descriptors than before:\n{Describe(_descriptors)}\n" +
                $"--- now\n{Describe(Processes.Descriptors(supervisor))}",
            s_settling);
        Assert.Empty(Unfinished());
    }

    /// <summary>Lists what a deployment that was broken off has left in the store.</summary>
    public IEnumerable<string> Unfinished() =>
        Directory.EnumerateFileSystemEntries(Path.Combine(Service.State, "tested", "releases"), ".incoming*");

    /// <summary>Ends the service and fails the test when a process of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        var workers = Service.Supervisor.HasExited ? [] : Processes.Children(Service.Supervisor.Pid);
        await Service.DisposeAsync();
        Assert.DoesNotContain(workers, Processes.IsAlive);
        Folder.Dispose();
    }

    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(30);

    private static string Describe(IReadOnlyList<(int Number, string Target)> descriptors) =>
        string.Join('\n', descriptors.OrderBy(one => one.Number).Select(one => $"{one.Number} {one.Target}"));
}
