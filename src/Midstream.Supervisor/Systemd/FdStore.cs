using System.Security.Cryptography;
using System.Text;
using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Supervisor.Systemd;

/// <summary>
/// The service manager's descriptor store (sd_notify(3), FDSTORE=1; FileDescriptorStoreMax= of the unit): descriptors in it
/// outlive this process, however it ends, and are passed to the next one (<see cref="SocketActivation"/>). A manager without
/// a store, or whose store is full, closes what it is given and says nothing. Thread-safe.
/// </summary>
/// <param name="notifySocket">The address of NOTIFY_SOCKET; null or empty when there is no service manager.</param>
internal sealed class FdStore(string? notifySocket)
{
    /// <summary>How the names of all this program stores begin.</summary>
    public const string Prefix = "midstream.";

    /// <summary>How the names of listening sockets begin.</summary>
    public const string ListenerPrefix = Prefix + "listen.";

    private const int MaximumNameLength = 255;

    /// <summary>Gets whether there is a service manager to give descriptors to.</summary>
    public bool IsReachable => !string.IsNullOrEmpty(notifySocket);

    /// <summary>
    /// Makes the name a listening socket is stored under. It changes with everything that is said of the socket, so that a
    /// socket is never taken back for an entry that has become another one.
    /// </summary>
    /// <param name="address">What the socket was bound for.</param>
    /// <returns>The name, at most 255 characters of those a name may have.</returns>
    public static string NameOf(ListenSocket address)
    {
        var said = $"{address.Scheme}|{address.EndPoint}|{address.UnixPath}|{(int)address.Mode}|{address.Owner}";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(said)).AsSpan(0, 8));
        var room = MaximumNameLength - ListenerPrefix.Length - hash.Length - 1;
        return $"{ListenerPrefix}{address.Name[..Math.Min(room, address.Name.Length)]}.{hash}";
    }

    /// <summary>Stores a copy of a listening socket. Storing the same one again changes nothing.</summary>
    /// <param name="address">What it was bound for.</param>
    /// <param name="socket">The socket; stays the caller's.</param>
    /// <exception cref="LinuxException">The service manager cannot be told.</exception>
    public void Keep(ListenSocket address, FileDescriptor socket) => Keep(NameOf(address), socket);

    /// <summary>Stores a copy of a descriptor under a name.</summary>
    /// <param name="name">The name, beginning with <see cref="Prefix"/>; printable ASCII without a colon, up to 255.</param>
    /// <param name="descriptor">The descriptor; stays the caller's.</param>
    /// <exception cref="LinuxException">The service manager cannot be told.</exception>
    public void Keep(string name, FileDescriptor descriptor)
    {
        ThrowIfNoName(name);
        Notifier.Send($"FDSTORE=1\nFDNAME={name}", [descriptor], notifySocket);
    }

    /// <summary>Takes a listening socket out of the store.</summary>
    /// <param name="address">What it was bound for.</param>
    /// <exception cref="LinuxException">The service manager cannot be told.</exception>
    public void Forget(ListenSocket address) => Forget(NameOf(address));

    /// <summary>Takes all descriptors of a name out of the store; there need be none.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="LinuxException">The service manager cannot be told.</exception>
    public void Forget(string name)
    {
        ThrowIfNoName(name);
        Notifier.Send($"FDSTOREREMOVE=1\nFDNAME={name}", notifySocket);
    }

    private static void ThrowIfNoName(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Length > MaximumNameLength
            || name.Any(letter => letter is ':' or <= ' ' or > '~'))
            throw new ArgumentException($"'{name}' cannot name a descriptor in the store.", nameof(name));
    }
}
