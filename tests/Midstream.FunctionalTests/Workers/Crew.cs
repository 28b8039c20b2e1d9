using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Workers;

/// <summary>A service of several workers, as a test found it.</summary>
internal sealed class Crew : IAsyncDisposable
{
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(30);

    private Crew(TemporaryFolder folder, MidstreamService service, ServiceStatus first)
    {
        Folder = folder;
        Service = service;
        First = first;
    }

    public TemporaryFolder Folder { get; }

    public MidstreamService Service { get; }

    /// <summary>Gets what there was at the beginning.</summary>
    public ServiceStatus First { get; private set; }

    /// <summary>Gets the processes there were at the beginning, by slot.</summary>
    public IEnumerable<int> FirstPids => First.Workers.Select(worker => worker.Pid);

    /// <summary>Starts a service.</summary>
    /// <param name="configuration">The content of midstream.json.</param>
    /// <param name="release">Makes the first release; null for one that works.</param>
    /// <param name="listen">The addresses; null for one, none for those of the configuration.</param>
    public static async Task<Crew> StartAsync(
        string configuration, Func<TemporaryFolder, string>? release = null, string[]? listen = null)
    {
        var folder = new TemporaryFolder();
        try
        {
            var first = release is null ? folder.Working("first") : release(folder);
            var service = await MidstreamService.StartAsync(folder, first, configuration, listen);
            return new Crew(folder, service, await service.StatusAsync());
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Lets the beginning be when something holds.</summary>
    public async Task RefreshAsync(Func<ServiceStatus, bool> holds) => First = await Service.WaitForStatusAsync(holds);

    /// <summary>Makes midstream.json say something else.</summary>
    public void Configure(string configuration) => File.WriteAllText(Service.Configuration, configuration);

    /// <summary>Reads a variable of a worker's environment.</summary>
    /// <returns>The value; null when it is not set.</returns>
    public static string? VariableOf(int pid, string name) => File.ReadAllText($"/proc/{pid}/environ").Split('\0')
        .FirstOrDefault(variable => variable.StartsWith($"{name}=", StringComparison.Ordinal))?[(name.Length + 1)..];

    /// <summary>Fails the test unless a number of workers of one release serve, one in each slot, and nothing else is
    /// there.</summary>
    public async Task<ServiceStatus> AssertServeAsync(int count, string release)
    {
        var status = await Service.StatusAsync();
        Assert.Equal("serving", status.State);
        Assert.Null(status.Problem);
        Assert.Null(status.Operation);
        Assert.True(status.Committed);
        Assert.Equal(release, status.Release);
        Assert.Equal(count, status.WorkerCount);
        Assert.Equal(Enumerable.Range(1, count), status.Workers.Select(worker => worker.Slot).Order());
        Assert.All(status.Workers, worker => Assert.Equal((release, "serving"), (worker.Release, worker.State)));
        var supervisor = Service.Supervisor.Pid;
        await Eventually.HoldsAsync(
            () => Processes.Children(supervisor).Count == count,
            () => $"The supervisor has the processes {string.Join(", ", Processes.Children(supervisor))}; {count} were expected.",
            s_settling);
        return status;
    }

    /// <summary>Fails the test unless the very processes of the beginning serve.</summary>
    public async Task AssertFirstServeOnAsync()
    {
        var status = await AssertServeAsync(First.WorkerCount, First.Release!);
        Assert.Equal(FirstPids, status.Workers.Select(worker => worker.Pid));
    }

    /// <summary>Ends the service and fails the test when a process of it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        var workers = Service.Supervisor.HasExited ? [] : Processes.Children(Service.Supervisor.Pid);
        await Service.DisposeAsync();
        Assert.DoesNotContain(workers, Processes.IsAlive);
        Folder.Dispose();
    }
}
