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

    /// <summary>A connection has left the server at a boundary: finds it a new home, in another process or in this one.</summary>
    /// <param name="connection">The connection as it was served here.</param>
    /// <param name="leaving">Its socket, on which no call is pending, and what goes with it; owned by the callee.</param>
    /// <returns>A task that ends when it is certain who has the connection.</returns>
    Task RehomeAsync(MidstreamConnection connection, Arrival leaving);

    /// <summary>A connection is closed.</summary>
    /// <param name="connection">The connection.</param>
    void Closed(MidstreamConnection connection);
}
