using System.Net;
using System.Net.Sockets;

namespace Midstream.FunctionalTests.Traffic;

/// <summary>The connections that an HTTP/2 client in the clear opens, each followed by its frames' headers alone: which of them
/// were told of their end is what the client has read, not what it made of it.</summary>
internal sealed class Http2Connections
{
    private readonly List<Followed> _all = [];

    /// <summary>Gets how many were told by a GOAWAY (RFC 9113, section 6.8).</summary>
    public int Told => Count(static connection => connection.WasTold);

    /// <summary>Gets how many ended without one.</summary>
    public int EndedUntold => Count(static connection => connection is { WasTold: false, HasEnded: true });

    /// <summary>Connects; the handler's ConnectCallback.</summary>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint, cancellationToken);
        var followed = new Followed(socket);
        lock (_all)
            _all.Add(followed);
        return followed;
    }

    private int Count(Func<Followed, bool> holds)
    {
        lock (_all)
            return _all.Count(holds);
    }

    private sealed class Followed(Socket socket) : NetworkStream(socket, ownsSocket: true)
    {
        private const int HeaderLength = 9;
        private const byte GoAway = 7;

        private readonly byte[] _header = new byte[HeaderLength];
        private int _headerHas;
        private int _payloadLeft;

        public bool WasTold { get; private set; }

        public bool HasEnded { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await base.ReadAsync(buffer, cancellationToken);
            HasEnded |= count == 0 && buffer.Length > 0;
            Follow(buffer.Span[..count]);
            return count;
        }

        private void Follow(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                var skipped = Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= skipped;
                bytes = bytes[skipped..];
                var taken = Math.Min(HeaderLength - _headerHas, bytes.Length);
                bytes[..taken].CopyTo(_header.AsSpan(_headerHas));
                _headerHas += taken;
                bytes = bytes[taken..];
                if (_headerHas < HeaderLength)
                    return;
                _headerHas = 0;
                _payloadLeft = (_header[0] << 16) | (_header[1] << 8) | _header[2];
                WasTold |= _header[3] == GoAway;
            }
        }
    }
}
