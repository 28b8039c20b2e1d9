using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.Sockets;

namespace Midstream.Supervisor.Systemd;

/// <summary>
/// All that passes between a supervisor and the service manager that started it: sockets at the start, what is stored for the
/// next start, readiness, reloads, and signs of life. Without a service manager it does nothing.
/// </summary>
internal sealed class ServiceManager : ISocketSource, IDisposable
{
    private static readonly string? s_socket = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");

    private readonly SocketActivation _passed = SocketActivation.TakeFromEnvironment();
    private readonly FdStore _store = new(s_socket);

    /// <summary>Gets what tells the manager of a reload.</summary>
    public ReloadNotice Reloads { get; } = new(s_socket);

    public (FileDescriptor Socket, bool IsForeign)? TakeFor(ListenSocket address) => _passed.TakeFor(address);

    public void Opened(Listener listener)
    {
        if (!listener.IsForeign)
            _store.Keep(listener.Address, listener.Socket);
    }

    // When the unit is stopped for good, the manager empties its store itself; a restart looks the same from here.
    public bool Keeps(Listener listener) => !listener.IsForeign && _store.IsReachable;

    public void Closed(Listener listener) => _store.Forget(listener.Address);

    /// <summary>Makes sure that every socket that was passed is used, and stores those that are this process's own.</summary>
    /// <param name="listeners">The sockets there are.</param>
    /// <exception cref="SupervisorException">The manager has passed sockets that the configuration does not name.</exception>
    public void Settle(ListenerSet listeners)
    {
        // What is open already, because another program or supervisor left it open, was passed as a duplicate.
        foreach (var listener in listeners.All)
            _passed.TakeFor(listener.Address)?.Socket.Dispose();
        _passed.RequireAllTaken(_store.Forget);
        foreach (var listener in listeners.All)
            Opened(listener);
    }

    /// <summary>Says that the service serves, and by which process.</summary>
    public static void SayReady() => Notifier.Send($"READY=1\nMAINPID={Environment.ProcessId}");

    /// <summary>Gives signs of life until the supervisor stops.</summary>
    /// <param name="poller">Has to have its turn before each.</param>
    /// <param name="stopping">The supervisor stops.</param>
    /// <returns>A task that ends then.</returns>
    public static Task GiveSignsOfLifeAsync(FdPoller poller, CancellationToken stopping) =>
        new Watchdog(poller, proof: null, s_socket, TimeProvider.System).RunAsync(
            Watchdog.AllowedIn(Environment.GetEnvironmentVariable, Environment.ProcessId), stopping);

    public void Dispose() => _passed.Dispose();
}
