using System.Collections;
using System.Runtime.InteropServices;
using System.Text;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Core.Modules;
using Midstream.Linux;
using Midstream.Releases;
using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.State;

namespace Midstream.Supervisor.Workers;

/// <summary>
/// Starts workers: the release's command in the release's own copy, with the service's sockets as descriptors 3 and up
/// (sd_listen_fds(3)), the control channel after them, and Midstream.Hosting injected where it fits.
/// </summary>
internal sealed class WorkerLauncher(
    ServiceSettings settings, ListenerSet listeners, IProcessSpawner spawner, FdPoller poller, OutputLog log,
        ServiceDirectory directory, WorkerRegister register, Action<Worker> onBorn, ISupervisorObserver observer,
        ModuleShelf shelf)
    : IWorkerLauncher
{
    private const int FirstDescriptor = 3;
    private const int ReunionBacklog = 4;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // What this process was told must not be taken by a worker for itself.
    private static readonly string[] s_notInherited =
        ["NOTIFY_SOCKET", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", "WATCHDOG_USEC",
            WorkerEnvironment.VariableName, WorkerRegister.VariableName, DesiredSet.VariableName];

    /// <summary>Gets where Midstream.Hosting lies: beside the program.</summary>
    public static string HostingAssembly { get; } = Path.Combine(AppContext.BaseDirectory, "hosting", "Midstream.Hosting.dll");

    public Worker Launch(WorkerName name, StoredRelease release)
    {
        var service = settings.Model;
        var entry = FindEntryPoint(service, release);
        var undo = new Stack<Action>();
        try
        {
            return Launch(service, name, release, entry, undo);
        }
        catch (Exception refused) when (refused is LinuxException or IOException)
        {
            foreach (var step in undo)
                step();
            throw new WorkerFailedException(
                DeploymentFailure.CannotStart,
                $"'{string.Join(' ', entry.Command)}' cannot be started in release {release.Id}: {refused.Message}",
                []);
        }
    }

    private Worker Launch(
        ServiceModel service, WorkerName name, StoredRelease release, EntryPoint entry, Stack<Action> undo)
    {
        LetIn(service.Limits);
        var (output, writer) = WorkerOutput.Open(name, poller, log, observer);
        using var closedHere = writer;
        using var keptOutput = output.DuplicateReader();
        var notify = new NotifyListener(poller, WorkersUid(service));
        undo.Push(notify.Dispose);
        var (channel, remote) = SeqPacketChannel.CreatePair(poller);
        undo.Push(() => _ = channel.DisposeAsync().AsTask());
        using var givenAway = remote;
        undo.Push(() => register.Remove(name));
        var reunion = SeqPacketListener.Bind(register.SocketOf(name), ReunionBacklog, OwnerOnly, poller);
        using var reunionSocket = reunion.Descriptor;

        var modules = shelf.ForWorkers;
        using var moduleFile = Encoding.UTF8.GetByteCount(modules) > DesiredSet.VariableLengthMax
            ? MemoryFile.Create("midstream-modules", Encoding.UTF8.GetBytes(modules)) : null;
        var process = spawner.Spawn(new SpawnRequest
        {
            Command = CommandOf(service, release, entry),
            WorkingDirectory = service.Limits.WorkingDirectory ?? release.Folder,
            Environment = BuildEnvironment(
                service, name, release, entry, notify.Address,
                moduleFile is null ? modules : $"{DesiredSet.DescriptorPrefix}{FirstDescriptor + listeners.All.Count + 3}"),
            Inherited =
            [
                .. listeners.All.Select(listener => (SafeHandle)listener.Socket), remote, reunionSocket, keptOutput,
                .. moduleFile is null ? (SafeHandle[])[] : [moduleFile],
            ],
            StandardOutput = writer,
            StandardError = writer,
            ExportListenPid = true,
            OpenFilesMax = service.Limits.OpenFilesMax,
            User = service.Limits.User,
            Group = service.Limits.Group,
            Nice = service.Limits.Nice,
            Umask = service.Limits.Umask,
        });
        undo.Push(() => process.SignalGroup(Signal.SIGKILL));
        var now = DateTimeOffset.UtcNow;
        register.Add(new WorkerRecord(
            name.Generation, name.Slot, release.Id, process.Pid, process.StartTime, now,
            [.. listeners.All.Select(listener => listener.ToRecord())]));
        var worker = new Worker(new WorkerBirth(
            name, release.Id, now, new WorkerProcess(process, new WorkerChannel(channel), notify, output),
            () => register.Remove(name), Modules: modules));
        onBorn(worker);
        return worker;
    }

    // What was found in the release is named from there, and has to be found from elsewhere as well.
    private static IReadOnlyList<string> CommandOf(ServiceModel service, StoredRelease release, EntryPoint entry) =>
        service.Command is { Count: > 0 } || service.Limits.WorkingDirectory is null
            ? entry.Command : [.. entry.Command.SkipLast(1), Path.GetFullPath(entry.Command[^1], release.Folder)];

    // Names that nobody has are the spawner's to refuse.
    private void LetIn(LimitsModel limits)
    {
        if (limits.User is { } user && Users.TryFind(user) is { } account)
            directory.LetWorkersIn(account.Uid, limits.Group is { } group ? Groups.TryFind(group) ?? account.Gid : account.Gid);
    }

    private static uint? WorkersUid(ServiceModel service) =>
        service.Limits.User is { } user ? Users.TryGetId(user) : null;

    private static EntryPoint FindEntryPoint(ServiceModel service, StoredRelease release)
    {
        try
        {
            return ApplicationEntryPoint.Find(release.Folder, service.Command);
        }
        catch (EntryPointException unclear)
        {
            throw new WorkerFailedException(DeploymentFailure.CannotStart, unclear.Message, []);
        }
    }

    private Dictionary<string, string> BuildEnvironment(
        ServiceModel service, WorkerName name, StoredRelease release, EntryPoint entry, string notifyAddress, string modules)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(variable => !s_notInherited.Contains((string)variable.Key))
            .ToDictionary(variable => (string)variable.Key, variable => (string)variable.Value!, StringComparer.Ordinal);

        // Datagrams are none of the server's business.
        var urls = string.Join(
            ';', listeners.All.Where(listener => !listener.Address.IsDatagram).Select(listener => listener.Url));
        environment["ASPNETCORE_URLS"] = urls;
        // Without the prefix as well: it comes after an appsettings.json in the order of precedence, and wins over its "Urls".
        environment["URLS"] = urls;
        if (service.Limits.User is { } user && Users.TryFind(user) is { } account)
            (environment["USER"], environment["LOGNAME"], environment["HOME"]) = (account.Name, account.Name, account.Home);
        foreach (var (variable, value) in service.Environment)
            environment[variable] = value;

        environment["LISTEN_FDS"] = $"{listeners.All.Count}";
        environment["LISTEN_FDNAMES"] = string.Join(':', listeners.All.Select(listener => listener.Name));
        environment["NOTIFY_SOCKET"] = notifyAddress;
        environment["MIDSTREAM_SERVICE"] = service.Name;
        environment["MIDSTREAM_RELEASE"] = release.Id;
        environment["MIDSTREAM_GENERATION"] = $"{name.Generation}";
        environment["MIDSTREAM_SLOT"] = $"{name.Slot}";
        environment[DesiredSet.VariableName] = modules;
        environment[WorkerRegister.VariableName] = register.SocketOf(name);
        environment[WorkerEnvironment.VariableName] = Describe(service, name, release).ToVariable();
        if (service.Inject && entry.Injection.IsPossible && File.Exists(HostingAssembly))
            environment["DOTNET_STARTUP_HOOKS"] = Append(environment.GetValueOrDefault("DOTNET_STARTUP_HOOKS"), HostingAssembly);
        return environment;
    }

    private WorkerEnvironment Describe(ServiceModel service, WorkerName name, StoredRelease release) => new(
        WorkerChannel.Protocol,
        service.Name,
        name.Generation,
        name.Slot,
        release.Id,
        FirstDescriptor + listeners.All.Count,
        FirstDescriptor + listeners.All.Count + 1,
        FirstDescriptor + listeners.All.Count + 2,
        [.. listeners.All.Select((listener, index) =>
            new WorkerListener(listener.Id, FirstDescriptor + index, listener.Name, listener.Url))],
        directory.Lock);

    private static string Append(string? list, string item) =>
        string.IsNullOrEmpty(list) ? item : $"{list}{Path.PathSeparator}{item}";
}
