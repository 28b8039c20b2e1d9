using System.Net;
using Midstream.Core.Configuration;
using Midstream.Linux;
using Midstream.Supervisor.State;

namespace Midstream.Supervisor.Sockets;

/// <summary>A socket that clients reach, listening or for datagrams, and that the supervisor owns for the life of the
/// service.</summary>
/// <param name="Id">Names the socket in the worker protocol; the same for every generation.</param>
/// <param name="Name">Its name in LISTEN_FDNAMES.</param>
/// <param name="Url">Its address as an ASP.NET Core application writes it, with the port the kernel chose where 0 was asked
/// for.</param>
/// <param name="Address">What it was bound for.</param>
/// <param name="Socket">The socket.</param>
/// <param name="IsForeign">Whether a Unix socket's path is somebody else's to remove.</param>
internal sealed record Listener(int Id, string Name, string Url, ListenSocket Address, FileDescriptor Socket,
    bool IsForeign = false)
{
    /// <summary>Describes the socket for another supervisor.</summary>
    /// <returns>The description.</returns>
    public SocketRecord ToRecord() => new(
        Id, Name, Url, Address.Scheme, Address.EndPoint?.ToString(), Address.UnixPath, Address.Mode, Address.Owner,
        IsForeign);

    /// <summary>Makes a socket that another supervisor described this one's own.</summary>
    /// <param name="record">The description.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>The listener.</returns>
    public static Listener FromRecord(SocketRecord record, FileDescriptor socket)
    {
        var address = new ListenSocket
        {
            Name = record.Name,
            Scheme = record.Scheme,
            EndPoint = record.EndPoint is { } endPoint ? IPEndPoint.Parse(endPoint) : null,
            UnixPath = record.UnixPath,
            Mode = record.Mode,
            Owner = record.Owner,
        };
        return new Listener(record.Id, record.Name, record.Url, address, socket, record.IsForeign);
    }

    /// <summary>Says whether a socket for an address would be in the way of this one.</summary>
    /// <param name="wanted">The address.</param>
    /// <returns>True when both have the same path, or the same address and port.</returns>
    public bool IsAt(ListenSocket wanted) => Address.UnixPath is { } path
        ? path == wanted.UnixPath
        : wanted.IsDatagram == Address.IsDatagram
            && wanted.EndPoint is { Port: not 0 } endPoint && endPoint.Equals(Address.EndPoint);
}

/// <summary>A change of the sockets under way.</summary>
internal sealed class ListenerChange(Action onKept, Action onTakenBack) : IDisposable
{
    private bool _isOver;

    /// <summary>Makes the change permanent, and closes what is no longer wanted.</summary>
    public void Keep()
    {
        _isOver = true;
        onKept();
    }

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        onTakenBack();
    }
}

/// <summary>
/// The sockets that the service is reached by: bound once, before the first generation, and kept over all of them, so that there
/// is no moment in which a client is refused.
/// </summary>
internal sealed class ListenerSet : IDisposable
{
    // Connections that wait while no generation accepts, as between a crash and the restart. The kernel caps it at
    // net.core.somaxconn.
    private const int Backlog = 4096;

    private volatile IReadOnlyList<Listener> _all = [];
    private int _lastId;

    private readonly ISocketSource? _source;

    private ListenerSet(ISocketSource? source) => _source = source;

    /// <summary>Gets the sockets, in the order of their descriptors in a worker.</summary>
    public IReadOnlyList<Listener> All => _all;

    /// <summary>Binds sockets.</summary>
    /// <param name="addresses">What to listen on.</param>
    /// <returns>The set; dispose of it to stop listening.</returns>
    /// <exception cref="SupervisorException">One of them cannot be bound; none is left behind.</exception>
    public static ListenerSet Bind(IReadOnlyList<ListenSocket> addresses)
    {
        var set = new ListenerSet(source: null);
        set.Change(addresses).Keep();
        return set;
    }

    /// <summary>Takes over sockets that are open already.</summary>
    /// <param name="open">The sockets; owned by the set from now on.</param>
    /// <param name="source">May have others open already; null for nobody.</param>
    /// <returns>The set.</returns>
    public static ListenerSet Adopt(IReadOnlyList<Listener> open, ISocketSource? source) => new(source)
    {
        _all = open,
        _lastId = open.Count == 0 ? 0 : open.Max(listener => listener.Id),
    };

    /// <summary>Binds what is new among some addresses. Sockets that are no longer wanted stay open until the change is kept,
    /// for the workers there are have them.</summary>
    /// <param name="addresses">What to listen on from now on.</param>
    /// <returns>The change; taken back when it is disposed of without having been kept.</returns>
    /// <exception cref="SupervisorException">One of them cannot be bound; nothing has changed.</exception>
    public ListenerChange Change(IReadOnlyList<ListenSocket> addresses)
    {
        var before = _all;
        var after = new List<Listener>();
        try
        {
            foreach (var address in addresses)
                after.Add(Find(before, address) ?? BindOne(++_lastId, address));
        }
        catch
        {
            Close(after.Except(before));
            throw;
        }

        _all = after;
        return new ListenerChange(
            onKept: () =>
            {
                Close(before.Except(after));
                foreach (var opened in after.Except(before))
                    _source?.Opened(opened);
            },
            onTakenBack: () =>
            {
                _all = before;
                Close(after.Except(before));
            });
    }

    /// <summary>Lets go of the sockets. Those that somebody keeps for the next supervisor go on to queue connections; of the
    /// others, the Unix sockets' paths are removed.</summary>
    public void Dispose()
    {
        var kept = _all.Where(listener => _source?.Keeps(listener) == true).ToList();
        kept.ForEach(listener => listener.Socket.Dispose());
        Close(_all.Except(kept));
    }

    private void Close(IEnumerable<Listener> listeners)
    {
        foreach (var listener in listeners.ToList())
        {
            _source?.Closed(listener);
            listener.Socket.Dispose();
            if (!listener.IsForeign && listener.Address.UnixPath is { } path)
                File.Delete(path);
        }
    }

    private static Listener? Find(IReadOnlyList<Listener> known, ListenSocket address)
    {
        if (known.FirstOrDefault(listener => listener.Address == address) is { } same)
            return same;
        if (known.FirstOrDefault(listener => listener.IsAt(address)) is { } altered)
            throw new SupervisorException(
                SupervisorFailure.CannotListen,
                $"{altered.Url} is open already, with another name, scheme, mode or owner; those change only when the " +
                    "supervisor is started anew. Leave them as they are, or use 'midstream stop' and 'midstream run'.");
        return null;
    }

    private Listener BindOne(int id, ListenSocket address)
    {
        try
        {
            if (_source?.TakeFor(address) is { } open)
                return new Listener(id, address.Name, UrlOf(address, open.Socket), address, open.Socket, open.IsForeign);
            return address.UnixPath is { } path ? BindUnix(id, address, path) : BindAddress(id, address);
        }
        catch (LinuxException refused)
        {
            throw new SupervisorException(SupervisorFailure.CannotListen, Explain(address, refused), refused);
        }
    }

    private static string UrlOf(ListenSocket address, FileDescriptor socket) => address.UnixPath is { } path
        ? $"{address.Scheme}://unix:{path}" : $"{address.Scheme}://{(IPEndPoint)ListeningSocket.LocalEndPoint(socket)}";

    private static Listener BindAddress(int id, ListenSocket address)
    {
        var socket = address.IsDatagram
            ? ListeningSocket.BindUdp(address.EndPoint!) : ListeningSocket.BindTcp(address.EndPoint!, Backlog);
        return new Listener(id, address.Name, UrlOf(address, socket), address, socket);
    }

    private static Listener BindUnix(int id, ListenSocket address, string path)
    {
        var (uid, gid) = ResolveOwner(address);
        var socket = ListeningSocket.BindUnix(path, Backlog, address.Mode, uid, gid);
        return new Listener(id, address.Name, UrlOf(address, socket), address, socket);
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
            Errno.EADDRINUSE => "Another process has it: stop it ('ss -ltunxp' names it), or choose another address " +
                "with --listen.",
            Errno.EACCES => "Ports below 1024 and foreign directories need a privilege: run as root, grant " +
                "CAP_NET_BIND_SERVICE, or choose another address.",
            Errno.EADDRNOTAVAIL => "This machine has no such address ('ip address' lists them).",
            _ => "Choose another address with --listen.",
        };
        return $"Cannot listen on {what}: {refused.Message} {advice}";
    }
}
