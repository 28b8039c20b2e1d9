using Midstream.Control.Operators;
using Midstream.FunctionalTests.FaultMatrix;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Succession;

/// <summary>
/// A service whose supervisor becomes another program or is killed, with clients that must not notice; and everything that
/// belongs to it, found by the test's own folder, so that nothing of it outlives the test.
/// </summary>
internal sealed class SuccessionScene : IAsyncDisposable
{
    /// <summary>The longest that any of these tests may take, in milliseconds.</summary>
    public const int LongestMs = 5 * 60 * 1000;

    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(20);
    private readonly List<MidstreamService> _services = [];
    private readonly string _configuration;
    private readonly Surroundings? _surroundings;

    private SuccessionScene(TemporaryFolder folder, string configuration, Surroundings? surroundings)
    {
        Folder = folder;
        _configuration = configuration;
        _surroundings = surroundings;
    }

    public TemporaryFolder Folder { get; }

    /// <summary>Gets the service under its latest `midstream run`.</summary>
    public MidstreamService Service => _services[^1];

    /// <summary>Gets what the first supervisor, and whoever followed it in place or as its guard, has reported.</summary>
    public string FirstError => _services[0].Supervisor.Error;

    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Gets what was the case when all was well.</summary>
    public ServiceStatus First { get; private set; } = null!;

    /// <summary>Gets the supervisor's descriptors when all was well.</summary>
    public int Descriptors { get; private set; }

    private string StateFolder => Path.Combine(Service.State, "tested");

    /// <summary>Starts a service.</summary>
    /// <param name="workers">The number of workers.</param>
    /// <param name="options">More members of midstream.json, each followed by a comma; a short probation is the default.</param>
    /// <param name="release">Makes the first release; null for one that works.</param>
    /// <param name="surroundings">What is around it, and the folder it is in; null for nothing in particular.</param>
    /// <param name="standby">Whether there is to be a standby; the scene begins when it waits.</param>
    public static async Task<SuccessionScene> StartAsync(
        int workers = 1, string? options = null, Func<TemporaryFolder, string>? release = null,
        Surroundings? surroundings = null, bool standby = false)
    {
        var folder = surroundings?.Folder ?? new TemporaryFolder();
        options ??= """ "probation": { "duration_ms": 50 }, """;
        var stands = standby ? "true" : "false";
        var scene = new SuccessionScene(
            folder, $$"""{ {{options}} "workers": { "count": {{workers}}, "standby": {{stands}} } }""", surroundings);
        try
        {
            await scene.RunAsync(release is null ? folder.Working("first") : release(folder));
            scene.Url = scene.Service.Url;
            scene.First = standby ? await scene.WaitForStandbyAsync() : await scene.Service.StatusAsync();
            scene.Descriptors = Processes.Descriptors(scene.First.Supervisor.Pid).Count;
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a supervisor that finds what the one before has left, and waits until it is done with that.</summary>
    public async Task<ServiceStatus> RunAsync(string? release = null)
    {
        Launch(release);
        await Service.WaitUntilServingAsync();
        return await Service.WaitForStatusAsync(status => status.Operation is null);
    }

    /// <summary>Waits until a worker stands by that is none of some others, and nothing is under way.</summary>
    public Task<ServiceStatus> WaitForStandbyAsync(params int[] others) => Service.WaitForStatusAsync(status =>
        status is { Operation: null, Reserve.Workers: [{ State: "waiting", Slot: 0 } standby] } && !others.Contains(standby.Pid));

    /// <summary>Starts a supervisor and waits for nothing.</summary>
    /// <param name="release">The first release; null for what is there.</param>
    /// <param name="descriptorsMax">The number of descriptors it may have; null for the usual.</param>
    public MidstreamService Launch(string? release = null, int? descriptorsMax = null)
    {
        _services.Add(MidstreamService.Launch(
            Folder, release, _configuration, environment: _surroundings?.Environment, disk: _surroundings?.Disk,
            descriptorsMax: descriptorsMax));
        return Service;
    }

    /// <summary>Kills the supervisor, whichever process that is by now.</summary>
    public async Task KillSupervisorAsync()
    {
        var pid = (await Service.StatusAsync()).Supervisor.Pid;
        await KillAsync(pid);
    }

    public static async Task KillAsync(int pid)
    {
        Processes.Signal(pid, "KILL");
        await Eventually.HoldsAsync(() => !Processes.IsAlive(pid), () => $"Process {pid} does not end.");
    }

    /// <summary>Kills the supervisor and starts the next.</summary>
    public async Task<ServiceStatus> KillAndRunAsync()
    {
        await KillSupervisorAsync();
        return await RunAsync();
    }

    /// <summary>Runs `midstream upgrade` with a program; null for the one that runs.</summary>
    public async Task<(ProgramResult Program, OperatorEvent? Answer)> UpgradeAsync(string? program = null)
    {
        string[] arguments = program is null ? ["upgrade", "--json"] : ["upgrade", program, "--json"];
        var ended = await Service.RunAsync(arguments);
        return (ended, OperatorProtocol.ReadEvent(ended.Output.Trim()));
    }

    /// <summary>Upgrades to the same program, which must succeed.</summary>
    public async Task<ResultEvent> UpgradeWellAsync()
    {
        var (program, answer) = await UpgradeAsync();
        return answer is ResultEvent { Outcome: Outcomes.Committed } result && program.ExitCode == 0
            ? result : throw new InvalidOperationException($"The upgrade failed: {program}\n{Service.Supervisor.Error}");
    }

    /// <summary>Writes an executable script.</summary>
    public string Script(string name, string content)
    {
        var path = Folder.In(name);
        File.WriteAllText(path, content.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>Reads the ledger's lines of one kind of operation.</summary>
    public IReadOnlyList<LedgerLine> Ledger(string what) =>
        [.. LedgerLine.ReadAll(Service.State).Where(line => line.What == what)];

    /// <summary>Gets the path of something in the service's state.</summary>
    public string InState(params string[] names) => Path.Combine([StateFolder, .. names]);

    /// <summary>Fails the test unless exactly these workers serve, and what was tried besides is gone.</summary>
    public async Task AssertSettledAsync(ServiceStatus status)
    {
        Assert.Equal("serving", status.State);
        Assert.True(status.Committed);
        Assert.Null(status.Problem);
        Assert.Equal(status.WorkerCount, status.Workers.Count);
        Assert.All(status.Workers, worker => Assert.Equal(("serving", status.Release), (worker.State, worker.Release)));
        Assert.Equal(Enumerable.Range(1, status.WorkerCount), status.Workers.Select(worker => worker.Slot).Order());
        await AssertNothingLeftAsync(status);
    }

    /// <summary>Fails the test unless there is nobody but the supervisor and its workers, no zombie, no file of who is gone, and
    /// no more descriptors than at the beginning.</summary>
    public async Task AssertNothingLeftAsync(ServiceStatus status)
    {
        var supervisor = status.Supervisor.Pid;
        WorkerStatus[] workers = [.. status.Workers, .. status.Reserve?.Workers ?? []];
        int[] expected = [supervisor, .. workers.Select(worker => worker.Pid)];
        await Eventually.HoldsAsync(
            () => Mine().Select(process => process.Pid).ToHashSet().SetEquals(expected),
            () => $"Expected {string.Join(", ", expected)}; there are {string.Join("; ", Mine())}.\n{Service.Supervisor.Error}",
            s_settling);
        await Eventually.HoldsAsync(
            () => Processes.Children(supervisor).All(Processes.IsAlive), () => "The supervisor has a zombie.", s_settling);
        await Eventually.HoldsAsync(
            () => Processes.Descriptors(supervisor).Count <= Descriptors,
            () => $"{Descriptors} descriptors became:\n{string.Join('\n', Processes.Descriptors(supervisor).Order())}",
            s_settling);
        string[] files = [.. workers.SelectMany(worker => (string[])[$"{worker.Name}.json", $"{worker.Name}.sock"])];
        await Eventually.HoldsAsync(
            () => Directory.GetFiles(InState("workers")).Select(Path.GetFileName).ToHashSet().SetEquals(files),
            () => $"In workers/ lie {string.Join(", ", Directory.GetFiles(InState("workers")))}.", s_settling);
        Assert.Empty(Directory.EnumerateFileSystemEntries(InState("releases"), ".incoming*"));
    }

    /// <summary>Fails the test unless a release can be deployed as ever.</summary>
    public async Task<ServiceStatus> AssertNextDeployWorksAsync(string marker = "next")
    {
        var result = await Service.DeployWellAsync(Folder.Working(marker));
        var status = await Service.WaitForStatusAsync(now => now.Operation is null);
        Assert.Equal(result.Release, status.Release);
        await AssertSettledAsync(status);
        return status;
    }

    /// <summary>Finds every process of this test: those that were started with its folder, or in it.</summary>
    public IReadOnlyList<(int Pid, string Command)> Mine()
    {
        var mine = new List<(int, string)>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])))
        {
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
                var place = new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
                if (int.TryParse(Path.GetFileName(process), out var pid) && command.Length > 0
                    && (command.Contains(Folder.Path, StringComparison.Ordinal)
                        || place.StartsWith(Folder.Path, StringComparison.Ordinal)))
                    mine.Add((pid, command));
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return mine;
    }

    public async ValueTask DisposeAsync()
    {
        // By what there is: a guard that took charge has another number than what was started here, and holds its output open.
        foreach (var (pid, command) in Mine())
        {
            Processes.Signal(pid, "CONT");
            if (command.Contains(" run ", StringComparison.Ordinal))
                Processes.Signal(pid, "TERM");
        }

        try
        {
            await Eventually.HoldsAsync(() => Mine().Count == 0, () => "Not all of it ends by itself.", s_settling);
        }
        catch (TimeoutException)
        {
            await Eventually.HoldsAsync(KillMine, () => $"There are still {string.Join("; ", Mine())}.");
        }

        foreach (var service in _services)
            await service.DisposeAsync();
        Folder.Dispose();
    }

    private bool KillMine()
    {
        var left = Mine();
        foreach (var (pid, _) in left)
            Processes.Signal(pid, "KILL");
        return left.Count == 0;
    }
}
