using Midstream.Control.HandOver;
using Midstream.Hosting.Transport;

namespace Midstream.Hosting.Movable;

/// <summary>
/// Knows where a WebSocket can be cut: both directions between two messages, no write under way, and the application waiting
/// for the next message. The last of these needs no watching: only then does anybody read.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="opening">The bytes that open the same WebSocket in another process.</param>
/// <param name="save">Has the application save its state.</param>
internal sealed class WebSocketCut(MidstreamConnection connection, byte[] opening, SavedState save) : IMovableProtocol
{
    private readonly Lock _lock = new();
    private readonly FrameFollower _inbound = new();
    private readonly FrameFollower _outbound = new();
    private int _writing;
    private bool _isCut;

    /// <summary>Gets or sets what was agreed on when it was opened.</summary>
    public byte[] Agreement { get; set; } = [];

    /// <summary>Gets whether it is cut: it goes on elsewhere.</summary>
    public bool IsCut
    {
        get
        {
            lock (_lock)
                return _isCut;
        }
    }

    public bool MayLeave
    {
        get
        {
            lock (_lock)
                return MayLeave_NeedsLock;
        }
    }

    private bool MayLeave_NeedsLock =>
        !_isCut && _writing == 0 && _inbound.IsBetweenMessages && _outbound.IsBetweenMessages;

    public bool TryLeave()
    {
        lock (_lock)
        {
            if (!MayLeave_NeedsLock)
                return false;
            _isCut = true;
        }

        if (save.TrySave())
            return true;
        lock (_lock)
            _isCut = false;
        connection.TurnsOutToBe(Core.Drain.ConnectionKind.WebSocket);
        return false;
    }

    public Passage TakePassage() =>
        new(PassageKind.WebSocket, (byte[])[.. connection.Boundary.ProxyHeader, .. opening], Agreement, save.State);

    /// <summary>Tells how many bytes may be read without reading of the next frame.</summary>
    public long Wanted => _inbound.Wanted;

    /// <summary>Bytes were read.</summary>
    public void WasRead(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
            _inbound.Advance(bytes);
    }

    /// <summary>A write begins.</summary>
    /// <returns>False when the WebSocket is cut: nothing may be written any more.</returns>
    public bool TryBeginWrite(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isCut)
                return false;
            _writing++;
            _outbound.Advance(bytes);
            return true;
        }
    }

    /// <summary>A write has ended.</summary>
    public void EndWrite()
    {
        lock (_lock)
            _writing--;
        connection.Reader.LookAgain();
    }
}
