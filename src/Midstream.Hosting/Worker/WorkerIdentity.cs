using Midstream.Control.Workers;
using Midstream.Hosting.Transport;
using Midstream.Linux;

namespace Midstream.Hosting.Worker;

/// <summary>
/// Who this process is and what it inherited: read once from the environment, which is then cleaned so that a program this
/// one starts does not take itself for the worker.
/// </summary>
internal sealed class WorkerIdentity
{
    private static readonly string[] s_inheritance =
        [WorkerEnvironment.VariableName, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET"];

    private static int s_taken;

    private WorkerIdentity(WorkerEnvironment environment)
    {
        Generation = environment.Generation;
        Slot = environment.Slot;
        Release = environment.Release;
        ControlDescriptor = FileDescriptor.Take(environment.ControlDescriptor);
        Reunion = environment.ReunionDescriptor is { } reunion ? FileDescriptor.Take(reunion) : null;
        Output = environment.OutputDescriptor is { } output ? FileDescriptor.Take(output) : null;
        SupervisorLock = environment.SupervisorLock;
        Listeners = [.. environment.Listeners.Select(known => new ListenerBinding(known, FileDescriptor.Take(known.Descriptor)))];
    }

    /// <summary>Gets the generation's number.</summary>
    public long Generation { get; }

    /// <summary>Gets the worker's place among the service's workers, counted from 1.</summary>
    public int Slot { get; }

    /// <summary>Gets the id of the release this process runs.</summary>
    public string Release { get; }

    /// <summary>Gets the control channel's descriptor.</summary>
    public FileDescriptor ControlDescriptor { get; }

    /// <summary>Gets the listening socket on which a later supervisor connects; null when there is none.</summary>
    public FileDescriptor? Reunion { get; }

    /// <summary>Gets the reading end of this process's own standard output, kept for the next supervisor; null when there is
    /// none.</summary>
    public FileDescriptor? Output { get; }

    /// <summary>Gets the path of the file that whoever is the supervisor holds locked; null when it is not known.</summary>
    public string? SupervisorLock { get; }

    /// <summary>Gets the inherited sockets that clients reach.</summary>
    public IReadOnlyList<ListenerBinding> Listeners { get; }

    /// <summary>Takes what the environment says this process inherited.</summary>
    /// <returns>The identity; null when the process does not run under Midstream, or when it has been taken before.</returns>
    public static WorkerIdentity? Take()
    {
        if (WorkerEnvironment.FromVariable(
            Environment.GetEnvironmentVariable(WorkerEnvironment.VariableName)) is not { } environment)
            return null;
        if (Interlocked.Exchange(ref s_taken, 1) != 0)
            return null;

        foreach (var name in s_inheritance)
            Environment.SetEnvironmentVariable(name, null);
        return new WorkerIdentity(environment);
    }
}
