using System.Net;
using System.Net.Sockets;
using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Linux;

namespace Midstream.Hosting.Transport;

/// <summary>One of the supervisor's sockets, listening or for datagrams, as this worker holds it.</summary>
/// <param name="listener">What the supervisor says of it.</param>
/// <param name="descriptor">The inherited descriptor.</param>
internal sealed class ListenerBinding(WorkerListener listener, FileDescriptor descriptor) : IDisposable
{
    /// <summary>Gets the supervisor's id of the socket.</summary>
    public int Id => listener.Id;

    /// <summary>Gets the address as the application writes it.</summary>
    public string Url => listener.Url;

    /// <summary>Gets the socket's name, as in LISTEN_FDNAMES.</summary>
    public string Name => listener.Name;

    /// <summary>Gets whether it is a datagram socket, which is none of the server's.</summary>
    public bool IsDatagram { get; } = listener.Url.StartsWith($"{ListenSocket.Udp}:", StringComparison.Ordinal);

    /// <summary>Gets the inherited descriptor.</summary>
    public FileDescriptor Descriptor => descriptor;

    /// <summary>Gets the address as Kestrel asks for it.</summary>
    public EndPoint EndPoint { get; } = ParseUrl(listener.Url);

    /// <summary>Says whether this is the socket for an address that the application wants.</summary>
    /// <param name="wanted">The address.</param>
    /// <returns>True for the same address, and for the same port on the wildcard address of either family.</returns>
    public bool IsAt(EndPoint wanted) => (wanted, EndPoint) switch
    {
        (IPEndPoint asked, IPEndPoint mine) =>
            asked.Port == mine.Port && (asked.Address.Equals(mine.Address) || IsAny(mine.Address)),
        (UnixDomainSocketEndPoint asked, UnixDomainSocketEndPoint mine) => asked.ToString() == mine.ToString(),
        _ => false,
    };

    /// <summary>Closes the descriptor in this process; the socket lives on in the supervisor.</summary>
    public void Dispose() => descriptor.Dispose();

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static EndPoint ParseUrl(string url)
    {
        var address = Microsoft.AspNetCore.Http.BindingAddress.Parse(url);
        if (address.IsUnixPipe)
            return new UnixDomainSocketEndPoint(address.UnixPipePath);
        return new IPEndPoint(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port);
    }
}
