namespace Midstream.Hosting;

/// <summary>
/// A connection of a connection handler that goes on in the next process when the application is replaced.
/// <list type="bullet">
/// <item>It is moved while the handler waits in a read of its input, and at no other time. So a handler that reads only when it
/// has answered everything it has consumed is movable as it is: what it has not consumed goes along.</item>
/// <item>Then the application's state is saved, the read ends as if the client had ended its sending, and
/// <see cref="HasMoved"/> is true. What was written until the handler returns still goes out, before the next process's first
/// byte.</item>
/// <item>In the next process the handler is called anew, with <see cref="Restored"/>.</item>
/// </list>
/// </summary>
public interface IMovableConnection
{
    /// <summary>Gets what the process before has saved; null when the connection was opened in this one.</summary>
    ReadOnlyMemory<byte>? Restored { get; }

    /// <summary>Gets whether it goes on in another process.</summary>
    bool HasMoved { get; }
}
