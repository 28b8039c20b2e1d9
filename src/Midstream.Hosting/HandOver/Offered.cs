using Midstream.Control.HandOver;
using Midstream.Hosting.Transport;
using Midstream.Linux;

namespace Midstream.Hosting.HandOver;

/// <summary>A connection that is offered: looked at without being touched, and taken only after the answer is on its
/// way.</summary>
internal sealed class Offered : IDisposable
{
    private readonly FileDescriptor? _connection;
    private readonly GatedListener? _listener;
    private readonly byte[] _unread;
    private readonly Passage? _passage;
    private readonly bool _isBetweenRequests;

    private Offered(
        HandOverFrame answer, FileDescriptor? connection, GatedListener? listener, byte[] unread, Passage? passage,
        bool isBetweenRequests)
    {
        Answer = answer;
        _connection = connection;
        _listener = listener;
        _unread = unread;
        _passage = passage;
        _isBetweenRequests = isBetweenRequests;
    }

    /// <summary>Gets the answer to the offer.</summary>
    public HandOverFrame Answer { get; }

    /// <summary>Reads an offer and takes its descriptors from the packet.</summary>
    /// <param name="frame">The offer.</param>
    /// <param name="packet">The packet with the descriptors.</param>
    /// <param name="next">The packet's first descriptor that belongs to no frame before; moved on.</param>
    /// <param name="transport">Where the connection would go.</param>
    public static Offered Read(HandOverFrame frame, SeqPacketMessage packet, ref int next, MidstreamTransport transport)
    {
        var connection = TryTake(packet, next++);
        using var file = frame.UnreadInMemoryFile > 0 ? TryTake(packet, next++) : null;
        if (connection is not null && SocketAdoption.IsConnectedStream(connection) &&
            transport.Find(frame.Listener) is { } listener && TryRead(frame, file, out var unread, out var passage))
        {
            var accepted = new HandOverFrame(HandOverKind.Accepted, frame.Connection);
            return new Offered(accepted, connection, listener, unread, passage, frame.IsBetweenRequests);
        }

        connection?.Dispose();
        return new Offered(new HandOverFrame(HandOverKind.Refused, frame.Connection), null, null, [], null, false);
    }

    /// <summary>Serves the connection, if it was accepted.</summary>
    public void Adopt()
    {
        if (_connection is null)
            return;
        var arrival = new Arrival(_connection.ToSocket(), _unread, ArrivalOrigin.HandedOver, Passage: _passage);
        if (_isBetweenRequests && _unread.Length == 0)
            _listener!.Park(arrival);
        else
            _listener!.Adopt(arrival);
    }

    /// <summary>Closes the descriptor of a connection that was not adopted.</summary>
    public void Dispose() => _connection?.Dispose();

    private static bool TryRead(HandOverFrame frame, FileDescriptor? file, out byte[] unread, out Passage? passage)
    {
        unread = [];
        passage = null;
        if (ReadBytes(frame, file) is not { } bytes)
            return false;
        unread = bytes[frame.PassageLength..];
        if (frame.Kind == HandOverKind.Resume)
            passage = Passage.TryRead(bytes.AsMemory(0, frame.PassageLength));
        return frame.Kind != HandOverKind.Resume || passage is not null;
    }

    private static byte[]? ReadBytes(HandOverFrame frame, FileDescriptor? file)
    {
        if (frame.UnreadInMemoryFile == 0)
            return frame.Unread.ToArray();
        try
        {
            var bytes = file is null ? null : MemoryFile.Read(file, HandOverFrame.LengthMax);
            return bytes?.Length == frame.UnreadInMemoryFile ? bytes : null;
        }
        catch (Exception broken) when (broken is LinuxException or InvalidDataException)
        {
            // Not a memory file at all, or one that could still change: refused like any other broken offer.
            return null;
        }
    }

    private static FileDescriptor? TryTake(SeqPacketMessage packet, int index) =>
        packet.Descriptors.Count > index ? packet.Take(index) : null;
}
