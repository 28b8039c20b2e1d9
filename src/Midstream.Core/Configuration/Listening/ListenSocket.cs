// One socket the supervisor binds and hands to every worker.

using System.Net;

namespace Midstream.Core.Configuration;

/// <summary>
/// Describes a socket that clients reach: either an <see cref="EndPoint"/> or a <see cref="UnixPath"/>, never both and
/// never neither.
/// </summary>
public sealed record ListenSocket
{
    /// <summary>The mode a Unix socket has when nothing says otherwise, 0660: owner and group may connect.</summary>
    public const UnixFileMode ModeDefault =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The scheme of a datagram socket.</summary>
    public const string Udp = "udp";

    /// <summary>The socket's name in LISTEN_FDNAMES (sd_listen_fds(3)): letters, digits, hyphen, dot and underscore.</summary>
    public required string Name { get; init; }

    /// <summary>What is spoken on the socket: "http" or "https"; "udp" for datagrams, whatever they are.</summary>
    public required string Scheme { get; init; }

    /// <summary>Gets whether it is a datagram socket: nobody connects to it, and it speaks no HTTP.</summary>
    public bool IsDatagram => Scheme == Udp;

    /// <summary>
    /// The address and port; null for a Unix socket. [::] is bound for IPv4 as well. Port 0 means any free port.
    /// </summary>
    public IPEndPoint? EndPoint { get; init; }

    /// <summary>The absolute path of a Unix socket, at most 107 bytes (unix(7)); null for an address.</summary>
    public string? UnixPath { get; init; }

    /// <summary>The file mode of a Unix socket; means nothing for an address. Default 0660.</summary>
    public UnixFileMode Mode { get; init; } = ModeDefault;

    /// <summary>The owner of a Unix socket: "user:group", "user" or ":group"; null (the default) leaves it as created.</summary>
    public string? Owner { get; init; }
}
