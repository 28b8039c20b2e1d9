using Midstream.Control.HandOver;
using Midstream.Core.Drain;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Movable;

/// <summary>A connection that can be cut wherever its handler reads.</summary>
/// <param name="connection">The connection.</param>
/// <param name="save">Has the application save its state.</param>
internal sealed class StreamCut(MidstreamConnection connection, SavedState save) : IMovableProtocol, IMovableConnection
{
    private volatile bool _isCut;

    public ReadOnlyMemory<byte>? Restored { get; } = connection.Resume(PassageKind.Stream)?.State;

    public bool HasMoved => _isCut;

    // Only reads ask, and the handler reads when it is done with what it has consumed.
    public bool MayLeave => !_isCut;

    public bool TryLeave()
    {
        if (save.TrySave())
            return _isCut = true;
        connection.TurnsOutToBe(ConnectionKind.Upgraded);
        return false;
    }

    public Passage TakePassage() => new(PassageKind.Stream, connection.Boundary.ProxyHeader, default, save.State);
}
