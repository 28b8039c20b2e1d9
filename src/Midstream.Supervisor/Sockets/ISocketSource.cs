using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Supervisor.Sockets;

/// <summary>Somebody who may have a socket open already, and wants to know of those that are opened and closed.</summary>
internal interface ISocketSource
{
    /// <summary>Takes the socket for an address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>The socket, the caller's from then on, and whether its path is somebody else's to remove; null when there is
    /// none.</returns>
    (FileDescriptor Socket, bool IsForeign)? TakeFor(ListenSocket address);

    /// <summary>A socket was opened.</summary>
    /// <param name="listener">The socket.</param>
    void Opened(Listener listener);

    /// <summary>Says whether a socket outlives this process, to be taken by the next.</summary>
    /// <param name="listener">The socket.</param>
    /// <returns>True when its path has to stay, too.</returns>
    bool Keeps(Listener listener);

    /// <summary>A socket was closed.</summary>
    /// <param name="listener">The socket.</param>
    void Closed(Listener listener);
}
