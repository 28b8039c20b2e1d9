// A service manager's notify socket, as far as this process can tell: it records what it is sent, with the descriptors.

using System.Net.Sockets;
using System.Text;

namespace Midstream.Supervisor.Tests;

internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    internal NotifySocket()
    {
        Address = Path.Combine(Directory.CreateTempSubdirectory("midstream-notify-").FullName, "notify");
        _socket.Bind(new UnixDomainSocketEndPoint(Address));
        _socket.ReceiveTimeout = (int)Scene.Patience.TotalMilliseconds;
    }

    internal string Address { get; }

    internal bool IsEmpty => _socket.Available == 0;

    internal string Receive()
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _socket.Receive(buffer));
    }

    public void Dispose()
    {
        _socket.Dispose();
        Directory.Delete(Path.GetDirectoryName(Address)!, recursive: true);
    }
}
