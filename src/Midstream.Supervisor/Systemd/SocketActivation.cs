// Socket activation inwards (sd_listen_fds(3)): the service manager has bound the sockets, and passes them at the start. Those
// this process gave it to keep (FdStore) come the same way.
//
// passed as                      | is used for
// -------------------------------+-------------------------------------------------------------------------------------
// listen.NAME.HASH (FdStore)     | the entry of "listen" it was stored for, if that is as it was; else it is closed, and
//                                | taken out of the store
// any other name of the store    | whoever stored it, by Take(name)
// a listening or datagram socket | the entry of "listen" that has its address, or its name
// anything else                  | an error: a socket nobody listens to would leave clients waiting for ever

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Supervisor.Systemd;

/// <summary>
/// Holds the descriptors that the service manager passed to this process, until they are taken. Not thread-safe.
/// </summary>
internal sealed class SocketActivation : IDisposable
{
    private const int FirstDescriptor = 3;
    private static readonly string[] s_variables = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"];

    private readonly List<PassedSocket> _left;

    /// <summary>Holds descriptors.</summary>
    /// <param name="passed">What was passed; this object's from now on.</param>
    public SocketActivation(IEnumerable<PassedSocket> passed) => _left = [.. passed];

    /// <summary>Gets how many are not taken.</summary>
    public int Count => _left.Count;

    /// <summary>
    /// Takes what the environment says was passed to this process, and forgets the variables, so that neither a worker nor this
    /// process's next program takes them for its own. Call it once, before anything else opens a descriptor.
    /// </summary>
    /// <returns>The descriptors; none when the process was started in another way.</returns>
    /// <exception cref="SupervisorException">The variables are wrong, or name descriptors that are not open.</exception>
    public static SocketActivation TakeFromEnvironment()
    {
        var variables = s_variables.ToDictionary(name => name, Environment.GetEnvironmentVariable);
        foreach (var name in s_variables)
            Environment.SetEnvironmentVariable(name, null);
        return new SocketActivation(Read(variables.GetValueOrDefault, Environment.ProcessId)
            .Select(passed => new PassedSocket(passed.Name, TakeOne(passed.Number, passed.Name))).ToList());
    }

    /// <summary>Reads which descriptors were passed.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="pid">This process.</param>
    /// <returns>Number and name of each; empty when they are meant for another process or there are none.</returns>
    /// <exception cref="SupervisorException">The variables are wrong.</exception>
    internal static IReadOnlyList<(int Number, string Name)> Read(Func<string, string?> variable, int pid)
    {
        if (variable("LISTEN_PID") != pid.ToString(CultureInfo.InvariantCulture) || variable("LISTEN_FDS") is not { } text)
            return [];
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > 4096)
            throw Cannot($"LISTEN_FDS is '{text}', which is no number of descriptors.");
        var names = string.IsNullOrEmpty(variable("LISTEN_FDNAMES")) ? [] : variable("LISTEN_FDNAMES")!.Split(':');
        if (names.Length != 0 && names.Length != count)
            throw Cannot($"LISTEN_FDNAMES has {names.Length} names for {count} descriptors.");
        return [.. Enumerable.Range(0, count)
            .Select(i => (FirstDescriptor + i, names.Length == 0 ? PassedSocket.Unknown : names[i]))];
    }

    /// <summary>Takes the socket for an entry of "listen": the stored one, else one of the same address or name.</summary>
    /// <param name="address">The entry.</param>
    /// <returns>The socket, the caller's from now on, and whether the service manager bound it itself, in which case its path
    /// is not this process's to remove; null when none was passed for it.</returns>
    /// <exception cref="SupervisorException">One has the entry's name, but not its address.</exception>
    public (FileDescriptor Socket, bool IsManagers)? TakeFor(ListenSocket address)
    {
        // The manager's own first: it goes on to listen there whatever this process does.
        var activated = _left.Find(passed => !IsStoredListener(passed) && IsAt(passed.Descriptor, address))
            ?? _left.Find(passed => passed.Name == address.Name && IsOfItsKind(passed.Descriptor, address));
        if (activated is not null && !IsAt(activated.Descriptor, address))
            throw Cannot($"The socket '{activated.Name}' passed by the service manager is {Describe(activated)}, but " +
                $"\"listen\" says {Describe(address)}. Make both the same, in midstream.json and in the .socket unit.");
        var stored = _left.Find(passed => passed.Name == FdStore.NameOf(address) && IsStillAt(passed.Descriptor, address));
        if ((activated ?? stored) is not { } found)
            return null;
        _left.Remove(found);
        return (found.Descriptor, activated is not null);
    }

    /// <summary>Takes a descriptor that was stored under a name of its own.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The descriptor, the caller's from now on; null when there is none.</returns>
    public FileDescriptor? Take(string name)
    {
        if (_left.Find(passed => passed.Name == name) is not { } found)
            return null;
        _left.Remove(found);
        return found.Descriptor;
    }

    /// <summary>
    /// Ends the taking: closes stored sockets of entries that are no more, and makes sure that nothing else is left. Store what
    /// is to be stored after it, for a name is forgotten with all that was stored under it.
    /// </summary>
    /// <param name="forget">Takes a name out of the store.</param>
    /// <exception cref="SupervisorException">Sockets were passed that nothing in the configuration listens on; it names them.
    /// </exception>
    public void RequireAllTaken(Action<string> forget)
    {
        foreach (var stale in _left.Where(passed => passed.Name.StartsWith(FdStore.Prefix, StringComparison.Ordinal)
            || IsStoredListener(passed)).ToList())
        {
            _left.Remove(stale);
            stale.Descriptor.Dispose();
            forget(stale.Name);
        }

        if (_left.Count > 0)
            throw Cannot("The service manager passed sockets that \"listen\" does not name: " +
                $"{string.Join(", ", _left.Select(passed => $"'{passed.Name}' ({Describe(passed)})"))}. Add them to " +
                "\"listen\" in midstream.json, or take them out of the .socket unit.");
    }

    /// <summary>Closes what was not taken.</summary>
    public void Dispose()
    {
        _left.ForEach(passed => passed.Descriptor.Dispose());
        _left.Clear();
    }

    private static FileDescriptor TakeOne(int number, string name)
    {
        try
        {
            return FileDescriptor.Take(number);
        }
        catch (LinuxException notOpen)
        {
            throw Cannot($"Descriptor {number} ('{name}') of LISTEN_FDS is not open: {notOpen.Message}");
        }
    }

    private static bool IsStoredListener(PassedSocket passed) =>
        passed.Name.StartsWith(FdStore.ListenerPrefix, StringComparison.Ordinal);

    /// <summary>Tells whether a socket that was stored for an entry can still be reached as it says.</summary>
    private static bool IsStillAt(FileDescriptor socket, ListenSocket address) =>
        IsOfItsKind(socket, address)
        && (address.UnixPath is not { } path || ListeningSocket.IsReachedBy(socket, path) == true);

    private static bool IsAt(FileDescriptor socket, ListenSocket address) =>
        IsOfItsKind(socket, address) && ListeningSocket.LocalEndPoint(socket) switch
        {
            IPEndPoint bound when address.EndPoint is { } wanted => wanted.Equals(bound) || IsAnyPort(wanted, bound),
            UnixDomainSocketEndPoint bound => address.UnixPath == bound.ToString(),
            _ => false,
        };

    private static bool IsOfItsKind(FileDescriptor socket, ListenSocket address) => address.IsDatagram
        ? SocketAdoption.IsInternetDatagram(socket) : SocketAdoption.IsListeningStream(socket);

    private static bool IsAnyPort(IPEndPoint wanted, IPEndPoint bound) =>
        wanted.Port == 0 && wanted.Address.Equals(bound.Address);

    private static string Describe(PassedSocket passed) => passed.Descriptor switch
    {
        var stream when SocketAdoption.IsListeningStream(stream) => ListeningSocket.LocalEndPoint(stream).ToString()!,
        var datagrams when SocketAdoption.IsInternetDatagram(datagrams) => $"udp {ListeningSocket.LocalEndPoint(datagrams)}",
        _ => "neither a listening stream socket nor one of UDP",
    };

    private static string Describe(ListenSocket address) => address.UnixPath
        ?? (address.IsDatagram ? $"udp {address.EndPoint}" : address.EndPoint!.ToString());

    private static SupervisorException Cannot(string what) => new(SupervisorFailure.CannotListen, what);
}
