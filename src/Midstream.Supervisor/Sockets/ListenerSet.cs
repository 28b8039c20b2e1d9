using System.Net;
using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Supervisor.Sockets;

/// <summary>A listening socket that the supervisor owns for the life of the service.</summary>
/// <param name="Id">Names the socket in the worker protocol; the same for every generation.</param>
/// <param name="Name">Its name in LISTEN_FDNAMES.</param>
/// <param name="Url">Its address as an ASP.NET Core application writes it, with the port the kernel chose where 0 was asked
/// for.</param>
/// <param name="Socket">The socket.</param>
internal sealed record Listener(int Id, string Name, string Url, FileDescriptor Socket);

/// <summary>
/// The service's listening sockets: bound once, before the first generation, and kept over all of them, so that there is no
/// moment in which a client is refused.
/// </summary>
internal sealed class ListenerSet : IDisposable
{
    // Connections that wait while no generation accepts, as between a crash and the restart. The kernel caps it at
    // net.core.somaxconn.
    private const int Backlog = 4096;

    private readonly List<string> _unixPaths = [];

    private ListenerSet()
    {
    }

    /// <summary>Gets the sockets, in the order of their descriptors in a worker.</summary>
    public IReadOnlyList<Listener> All { get; private set; } = [];

    /// <summary>Binds sockets.</summary>
    /// <param name="addresses">What to listen on.</param>
    /// <returns>The set; dispose of it to stop listening.</returns>
    /// <exception cref="SupervisorException">One of them cannot be bound; none is left behind.</exception>
    public static ListenerSet Bind(IReadOnlyList<ListenSocket> addresses)
    {
        var set = new ListenerSet();
        var listeners = new List<Listener>();
        try
        {
            foreach (var address in addresses)
                listeners.Add(set.BindOne(listeners.Count + 1, address));
            set.All = listeners;
            return set;
        }
        catch
        {
            set.All = listeners;
            set.Dispose();
            throw;
        }
    }

    /// <summary>Stops listening and removes the Unix sockets' paths.</summary>
    public void Dispose()
    {
        foreach (var listener in All)
            listener.Socket.Dispose();
        foreach (var path in _unixPaths)
            File.Delete(path);
    }

    private Listener BindOne(int id, ListenSocket address)
    {
        try
        {
            return address.UnixPath is { } path ? BindUnix(id, address, path) : BindTcp(id, address);
        }
        catch (LinuxException refused)
        {
            throw new SupervisorException(SupervisorFailure.CannotListen, Explain(address, refused), refused);
        }
    }

    private static Listener BindTcp(int id, ListenSocket address)
    {
        var socket = ListeningSocket.BindTcp(address.EndPoint!, Backlog);
        var bound = (IPEndPoint)ListeningSocket.LocalEndPoint(socket);
        return new Listener(id, address.Name, $"{address.Scheme}://{bound}", socket);
    }

    private Listener BindUnix(int id, ListenSocket address, string path)
    {
        var (uid, gid) = ResolveOwner(address);
        var socket = ListeningSocket.BindUnix(path, Backlog, address.Mode, uid, gid);
        _unixPaths.Add(path);
        return new Listener(id, address.Name, $"{address.Scheme}://unix:{path}", socket);
    }

    private static (uint? Uid, uint? Gid) ResolveOwner(ListenSocket address)
    {
        if (address.Owner is null)
            return (null, null);
        var names = address.Owner.Split(':', 2);
        uint? uid = names[0].Length == 0 ? null : Users.TryGetId(names[0]) ?? throw Unknown(address, "user", names[0]);
        uint? gid = names.Length < 2 || names[1].Length == 0 ? null : Groups.TryGetId(names[1])
            ?? throw Unknown(address, "group", names[1]);
        return (uid, gid);
    }

    private static SupervisorException Unknown(ListenSocket address, string kind, string name) => new(
        SupervisorFailure.CannotListen,
        $"There is no {kind} '{name}', who is to own {address.UnixPath}. Correct \"owner\" in \"listen\", or add the " +
            $"{kind} to the system.");

    private static string Explain(ListenSocket address, LinuxException refused)
    {
        var what = address.UnixPath is { } path ? $"the Unix socket {path}" : $"{address.Scheme}://{address.EndPoint}";
        var advice = refused.Errno switch
        {
            Errno.EADDRINUSE => "Another process listens there: stop it ('ss -ltnxp' names it), or choose another address " +
                "with --listen.",
            Errno.EACCES => "Ports below 1024 and foreign directories need a privilege: run as root, grant " +
                "CAP_NET_BIND_SERVICE, or choose another address.",
            Errno.EADDRNOTAVAIL => "This machine has no such address ('ip address' lists them).",
            _ => "Choose another address with --listen.",
        };
        return $"Cannot listen on {what}: {refused.Message} {advice}";
    }
}
