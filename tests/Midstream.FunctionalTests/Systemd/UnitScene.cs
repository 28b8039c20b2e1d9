using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Systemd;

/// <summary>
/// A service under a real systemd, by the unit that `midstream install-unit` writes and a drop-in that says only what the test
/// needs to see, or cannot wait for.
/// </summary>
internal sealed class UnitScene : IAsyncDisposable
{
    private const string State = "/var/lib/midstream";
    private const string Unit = "midstream-tested.service";
    private const string UnitFolder = "/etc/systemd/system";

    private static readonly string[] s_ofDotnet = ["PATH", "DOTNET_ROOT", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"];

    private UnitScene(TemporaryFolder folder, SystemdManager manager)
    {
        Folder = folder;
        Manager = manager;
    }

    public TemporaryFolder Folder { get; }

    public SystemdManager Manager { get; }

    /// <summary>Gets the address that the service listens on, which is the test's own.</summary>
    public Uri Url { get; } = new($"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}");

    /// <summary>Starts a systemd and writes the service's unit.</summary>
    /// <param name="options">More members of midstream.json, each followed by a comma.</param>
    /// <param name="release">The first release; null for one that works.</param>
    /// <param name="dropIn">More lines of the unit's [Service] section.</param>
    public static async Task<UnitScene> InstallAsync(
        string? options = null, Func<TemporaryFolder, string>? release = null, string? dropIn = null)
    {
        await SystemdManager.SkipUnlessPossibleAsync();
        var scene = new UnitScene(new TemporaryFolder(), await SystemdManager.StartAsync());
        try
        {
            scene.Configure(options);
            await scene.InstallUnitAsync(release is null ? scene.Folder.Working("first") : release(scene.Folder));
            await scene.AddUnitAsync($"{Unit}.d/test.conf", scene.DropIn(dropIn));
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the service's configuration.</summary>
    /// <param name="options">More members of midstream.json, each followed by a comma.</param>
    public void Configure(string? options) => File.WriteAllText(
        Folder.In("midstream.json"),
        $$"""{ {{options}} "name": "tested", "listen": ["{{Url}}"], "probation": { "duration_ms": 50 } }""");

    /// <summary>Runs systemctl for the service's unit.</summary>
    public Task<string> SystemctlAsync(string verb) => Manager.SystemctlAsync(verb, Unit);

    /// <summary>Reads a property of the service's unit.</summary>
    public Task<string> ShowAsync(string property) => Manager.SystemctlAsync("show", "--property", property, "--value", Unit);

    /// <summary>Reads the process that systemd takes for the service.</summary>
    /// <returns>Its number inside.</returns>
    public async Task<int> MainPidAsync() => int.Parse(await ShowAsync("MainPID"), CultureInfo.InvariantCulture);

    /// <summary>Sends a process of the service a signal.</summary>
    /// <param name="pid">Its number inside.</param>
    /// <param name="name">The signal's name without SIG.</param>
    public Task SignalAsync(int pid, string name) => Manager.RunAsync("kill", $"-{name}", $"{pid}");

    /// <summary>Runs a command of `midstream` that has to succeed.</summary>
    public async Task<OperatorEvent> AskAsync(params string[] arguments)
    {
        var ended = await Manager.RunAsync(Repository.Program, [.. arguments, "--name", "tested", "--state", State, "--json"]);
        return ended.ExitCode == 0
            ? OperatorProtocol.ReadEvent(ended.Output.Trim())! : throw new InvalidOperationException($"{arguments[0]}: {ended}");
    }

    public async Task<ServiceStatus> StatusAsync() => ((StatusEvent)await AskAsync("status")).Status;

    /// <summary>Waits for another supervisor than this one.</summary>
    /// <param name="pid">Its number inside.</param>
    /// <returns>What the next one says, when nothing is under way.</returns>
    public async Task<ServiceStatus> NextSupervisorAsync(int pid)
    {
        await Waiting.UntilAsync(
            async () => await MainPidAsync() is not 0 and var now && now != pid && await ShowAsync("ActiveState") == "active",
            "the next supervisor");
        ServiceStatus? status = null;
        await Waiting.UntilAsync(
            async () => (status = await StatusAsync()).Operation is null, "the end of the take-over");
        return status!;
    }

    /// <summary>Reads how the unit's main processes have ended, oldest first: systemd's result, code and status.</summary>
    public IReadOnlyList<string> Ends() => File.ReadAllLines(Folder.In("ends"));

    /// <summary>Writes a file of units and makes systemd read it.</summary>
    public async Task AddUnitAsync(string name, string content)
    {
        var source = Folder.In("unit");
        await File.WriteAllTextAsync(source, content);
        var copied = await Manager.RunAsync("install", "-D", "--mode", "0644", source, $"{UnitFolder}/{name}");
        Assert.True(copied.ExitCode == 0, copied.Error);
        await Manager.SystemctlAsync("daemon-reload");
    }

    public async ValueTask DisposeAsync()
    {
        await Manager.DisposeAsync();
        Folder.Dispose();
    }

    private async Task InstallUnitAsync(string release)
    {
        var written = await Manager.RunAsync(
            Repository.Program, "install-unit", release, "--config", Folder.In("midstream.json"));
        Assert.True(written.ExitCode == 0, written.Error);
    }

    private string DropIn(string? more)
    {
        var environment = s_ofDotnet.Where(name => Environment.GetEnvironmentVariable(name) is not null)
            .Select(name => $"Environment=\"{name}={Environment.GetEnvironmentVariable(name)}\"");
        return $"""
            [Service]
            {string.Join('\n', environment)}
            StandardOutput=null
            StandardError=append:{Folder.In("supervisor.err")}
            ExecStopPost=/bin/sh -c 'echo $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS >> {Folder.In("ends")}'
            RestartSec=100ms
            {more}
            """ + "\n";
    }

    // systemd binds no port 0.
    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
