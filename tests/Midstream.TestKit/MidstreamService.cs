using Midstream.Control.Operators;

namespace Midstream.TestKit;

/// <summary>
/// A service under a real supervisor: `midstream run` as a process of its own, with its own state, asked by `midstream` as an
/// operator would ask it.
/// </summary>
public sealed class MidstreamService : IAsyncDisposable
{
    private readonly RunningProgram _supervisor;

    private MidstreamService(TemporaryFolder folder, RunningProgram supervisor, string state)
    {
        Folder = folder;
        _supervisor = supervisor;
        State = state;
    }

    /// <summary>Gets the test's folder.</summary>
    public TemporaryFolder Folder { get; }

    /// <summary>Gets the root of the state.</summary>
    public string State { get; }

    /// <summary>Gets the file that says what the service is to be.</summary>
    public string Configuration => Folder.In("midstream.json");

    /// <summary>Gets the supervisor's process.</summary>
    public RunningProgram Supervisor => _supervisor;

    /// <summary>Gets the first address it listens on.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Starts a service and waits until it serves.</summary>
    /// <param name="folder">The test's folder.</param>
    /// <param name="release">The first release's folder; null for none.</param>
    /// <param name="configuration">The content of midstream.json; null for none. What it does not say is chosen to be
    /// quick.</param>
    /// <param name="listen">The addresses; none for port 0 on 127.0.0.1.</param>
    /// <param name="command">The command; none for the folder's entry point.</param>
    /// <param name="environment">Variables for the supervisor.</param>
    /// <param name="disk">The disk of the folder <c>state</c>, mounted there; null for the folder's.</param>
    /// <param name="descriptorsMax">The number of descriptors that the supervisor may have; null for the usual.</param>
    /// <returns>The service.</returns>
    public static async Task<MidstreamService> StartAsync(
        TemporaryFolder folder,
        string? release,
        string? configuration = null,
        string[]? listen = null,
        string[]? command = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        SmallDisk? disk = null,
        int? descriptorsMax = null)
    {
        var service = Launch(folder, release, configuration, listen, command, environment, disk, descriptorsMax);
        try
        {
            await service.WaitUntilServingAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until a supervisor that was launched serves.</summary>
    /// <returns>A task that ends then.</returns>
    public async Task WaitUntilServingAsync()
    {
        await Supervisor.WaitForTextAsync(" serves ");
        var status = await StatusAsync();
        var first = status.Listeners[0];
        if (Uri.TryCreate(first, UriKind.Absolute, out var url) && !first.Contains("unix:", StringComparison.Ordinal))
            Url = url;
    }

    /// <summary>Starts a supervisor and does not wait for anything.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public static MidstreamService Launch(
        TemporaryFolder folder,
        string? release,
        string? configuration = null,
        string[]? listen = null,
        string[]? command = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        SmallDisk? disk = null,
        int? descriptorsMax = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        Configure(folder, configuration ?? """{ "probation": { "duration_ms": 200 } }""");
        var arguments = new List<string> { "run" };
        if (release is not null)
            arguments.Add(release);
        arguments.AddRange(["--name", "tested", "--state", folder.In("state"), "--config", folder.In("midstream.json")]);
        foreach (var url in listen ?? ["http://127.0.0.1:0"])
            arguments.AddRange(["--listen", url]);
        if (command is not null)
            arguments.AddRange(["--", .. command]);
        // Each becomes the next, so the process id is the supervisor's.
        string[] limit = descriptorsMax is { } max ? ["prlimit", $"--nofile={max}:"] : [];
        string[] all = [.. disk?.Enter ?? [], .. limit, Repository.Program, .. arguments];
        var state = folder.In("state");
        return new MidstreamService(
            folder, RunningProgram.Start(all[0], all[1..], environment: environment), disk?.Outside(state) ?? state);
    }

    // Whole at every moment: another supervisor of the same folder may be reading it.
    private static void Configure(TemporaryFolder folder, string configuration)
    {
        var written = folder.In($"midstream.{Guid.NewGuid():N}.json");
        File.WriteAllText(written, configuration);
        File.Move(written, folder.In("midstream.json"), overwrite: true);
    }

    /// <summary>Starts a `midstream` command for this service.</summary>
    /// <param name="arguments">The command and its arguments.</param>
    /// <returns>The running program.</returns>
    public RunningProgram Begin(params string[] arguments) =>
        RunningProgram.Start(Repository.Program, [.. arguments, "--state", State]);

    /// <summary>Runs a `midstream` command for this service to its end.</summary>
    /// <param name="arguments">The command and its arguments.</param>
    /// <returns>How it ended.</returns>
    public Task<ProgramResult> RunAsync(params string[] arguments) =>
        RunningProgram.RunAsync(Repository.Program, [.. arguments, "--state", State]);

    /// <summary>Deploys a folder and reads the result.</summary>
    /// <param name="release">The folder.</param>
    /// <param name="more">More arguments.</param>
    /// <returns>How the program ended, and what the supervisor said.</returns>
    public async Task<(ProgramResult Program, OperatorEvent Answer)> DeployAsync(string release, params string[] more)
    {
        var program = await RunAsync(["deploy", release, "--json", .. more]);
        var answer = OperatorProtocol.ReadEvent(program.Output.Trim())
            ?? throw new InvalidOperationException($"deploy said nothing readable: {program}");
        return (program, answer);
    }

    /// <summary>Deploys a folder that is expected to succeed.</summary>
    /// <param name="release">The folder.</param>
    /// <returns>The result.</returns>
    public async Task<ResultEvent> DeployWellAsync(string release)
    {
        var (program, answer) = await DeployAsync(release, "--again");
        return answer is ResultEvent { Outcome: Outcomes.Committed } result
            ? result
            : throw new InvalidOperationException($"The deployment failed: {program}\n--- " +
                $"supervisor\n{Supervisor.Error}\n{Supervisor.Output}");
    }

    /// <summary>Asks what runs.</summary>
    /// <returns>The status.</returns>
    public async Task<ServiceStatus> StatusAsync()
    {
        var program = await RunAsync("status", "--json");
        return OperatorProtocol.ReadEvent(program.Output.Trim()) is StatusEvent { Status: var status }
            ? status
            : throw new InvalidOperationException($"status said nothing readable: {program}");
    }

    /// <summary>Asks until the status is as expected.</summary>
    /// <param name="expected">The expectation.</param>
    /// <returns>The status that met it.</returns>
    public async Task<ServiceStatus> WaitForStatusAsync(Func<ServiceStatus, bool> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var deadline = DateTime.UtcNow + RunningProgram.Patience;
        while (true)
        {
            var status = await StatusAsync();
            if (expected(status))
                return status;
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"The status never was as expected; it is {status}.\n{Supervisor.Error}");
        }
    }

    /// <summary>Stops the service as a service manager would, and makes sure that nothing is left.</summary>
    /// <returns>A task that ends when all is gone.</returns>
    public async ValueTask DisposeAsync()
    {
        if (!_supervisor.HasExited)
        {
            _supervisor.Signal("TERM");
            try
            {
                await _supervisor.WaitAsync(TimeSpan.FromSeconds(30));
            }
            catch (TimeoutException)
            {
                // Killed below, with its workers; a test about stopping looks at it itself.
            }
        }

        await _supervisor.DisposeAsync();
    }
}
