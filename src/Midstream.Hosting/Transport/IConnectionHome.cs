using Midstream.Linux;

namespace Midstream.Hosting.Transport;

/// <summary>Where connections report what becomes of them, and where those that leave find a new home.</summary>
internal interface IConnectionHome
{
    /// <summary>A connection has arrived and is about to be served.</summary>
    /// <param name="connection">The connection.</param>
    void Arrived(MidstreamConnection connection);

    /// <summary>It is known by now what a connection carries.</summary>
    /// <param name="connection">The connection.</param>
    void Recognised(MidstreamConnection connection);

    /// <summary>The kernel must wake this process no more for a socket that leaves it.</summary>
    /// <param name="socket">The socket, still open.</param>
    void ForgetWakeUps(System.Net.Sockets.SafeSocketHandle socket);

    /// <summary>A connection has left the server at a boundary: finds it a new home, in another process or in this one.</summary>
    /// <param name="connection">The connection, whose socket is closed by now.</param>
    /// <param name="descriptor">The one descriptor that keeps it open; owned by the callee.</param>
    /// <param name="unread">The bytes that go before what the socket delivers next.</param>
    /// <returns>A task that ends when it is certain who has the connection.</returns>
    Task RehomeAsync(MidstreamConnection connection, FileDescriptor descriptor, byte[] unread);

    /// <summary>A connection is closed.</summary>
    /// <param name="connection">The connection.</param>
    void Closed(MidstreamConnection connection);
}
