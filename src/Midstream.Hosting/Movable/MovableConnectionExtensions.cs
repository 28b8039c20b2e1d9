using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Midstream.Core.Drain;
using Midstream.Hosting.Movable;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting;

/// <summary>Makes connections of connection handlers go on when the application is replaced.</summary>
public static class MovableConnectionExtensions
{
    /// <summary>
    /// Makes a connection movable; call it first in the handler. Elsewhere than under <c>midstream run</c>, and in TLS, it has no
    /// effect.
    /// </summary>
    /// <param name="connection">The handler's connection.</param>
    /// <param name="save">Called when it is moved, once, while the handler waits in a read: returns what the next process needs
    /// to
    /// go on, at most 1 MiB. If it throws, the connection stays until the drain's time is over.</param>
    /// <param name="logger">For a <paramref name="save"/> that fails.</param>
    /// <returns>The connection's move; look at <see cref="IMovableConnection.Restored"/> first.</returns>
    public static IMovableConnection MakeMovable(
        this ConnectionContext connection, Func<ReadOnlyMemory<byte>> save, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(save);
        // A middleware such as TLS has put its own pipe in front of ours, and knows more than we do.
        if (connection.Features.Get<MidstreamConnection>() is not { } ours || connection.Transport != ours.Transport)
            return new NotMovable();
        var cut = new StreamCut(ours, new SavedState(save, logger));
        ours.IsFollowed(ConnectionKind.MovableStream, cut);
        return cut;
    }

    private sealed class NotMovable : IMovableConnection
    {
        public ReadOnlyMemory<byte>? Restored => null;

        public bool HasMoved => false;
    }
}
