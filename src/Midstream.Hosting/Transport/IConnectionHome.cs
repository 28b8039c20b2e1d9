namespace Midstream.Hosting.Transport;

/// <summary>Where connections report what becomes of them, and where those that leave find a new home.</summary>
internal interface IConnectionHome
{
    /// <summary>A connection has arrived and is about to be served.</summary>
    /// <param name="connection">The connection.</param>
    void Arrived(MidstreamConnection connection);

    /// <summary>What a drain decides by has changed: it is known by now what a connection carries, or that it stays.</summary>
    /// <param name="connection">The connection.</param>
    void HasChanged(MidstreamConnection connection);

    /// <summary>Finds a new home for a connection that stands between two requests, while its server waits.</summary>
    /// <param name="connection">The connection, on whose socket no call is pending.</param>
    /// <param name="unread">Bytes that go before what the socket delivers next.</param>
    /// <returns>True when another process has it and its socket is closed here; false when it stays, and the caller serves
    /// on.</returns>
    Task<bool> TryDepartAsync(MidstreamConnection connection, byte[] unread);

    /// <summary>A connection has left the server at a boundary: finds it a new home, in another process or in this one.</summary>
    /// <param name="connection">The connection as it was served here.</param>
    /// <param name="leaving">Its socket, on which no call is pending, and what goes with it; owned by the callee.</param>
    /// <returns>A task that ends when it is certain who has the connection.</returns>
    Task RehomeAsync(MidstreamConnection connection, Arrival leaving);

    /// <summary>A connection has arrived whose client is to speak before it is served.</summary>
    /// <param name="connection">The connection.</param>
    void Arrived(ParkedConnection connection);

    /// <summary>A connection is not parked any more: it is served, and has arrived as such, or its time was over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isClosed">True when its time was over.</param>
    void Unparked(ParkedConnection connection, bool isClosed);

    /// <summary>Has every parked connection of a listener served.</summary>
    /// <param name="listener">The listener.</param>
    /// <returns>A task that ends when they are.</returns>
    Task WakeAsync(GatedListener listener);

    /// <summary>A connection is closed.</summary>
    /// <param name="connection">The connection.</param>
    void Closed(MidstreamConnection connection);
}
