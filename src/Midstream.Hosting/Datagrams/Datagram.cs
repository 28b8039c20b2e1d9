using System.Net;
using System.Net.Sockets;

namespace Midstream.Hosting.Datagrams;

/// <summary>A datagram that was received, and the way back to who sent it.</summary>
public readonly struct Datagram
{
    private readonly Socket _socket;

    internal Datagram(Socket socket, ReadOnlyMemory<byte> bytes, IPEndPoint from)
    {
        _socket = socket;
        Bytes = bytes;
        From = from;
    }

    /// <summary>Gets its content, 0 to 65,507 bytes. It is overwritten when the handler has ended: copy what is needed
    /// longer.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Gets who sent it.</summary>
    public IPEndPoint From { get; }

    /// <summary>Sends a datagram to who sent this one, from the address that this one was sent to.</summary>
    /// <param name="bytes">The content, at most 65,507 bytes.</param>
    /// <param name="cancellationToken">Gives up waiting for room in the socket's queue.</param>
    /// <returns>A task that ends when the kernel has it.</returns>
    /// <exception cref="SocketException">It is too long, or there is no way to the sender.</exception>
    public async ValueTask ReplyAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        await _socket.SendToAsync(bytes, SocketFlags.None, From, cancellationToken);
}
