using System.Net;
using System.Net.Sockets;
using Midstream.Linux;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Requests;

/// <summary>
/// Sends HTTP requests to a generation that has no private way in, over the public socket, and makes sure who answered: two
/// generations share the socket, and the old one's answer must not be taken for the new one's.
/// </summary>
/// <param name="worker">The generation that is to answer.</param>
/// <param name="listener">The socket.</param>
internal sealed class PublicClient(Worker worker, Listener listener)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);

    /// <summary>Sends a request until the generation in question is the one that answers.</summary>
    /// <param name="path">The path of a GET.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <returns>The generation's status.</returns>
    public async Task<HttpStatusCode> GetAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryGetAsync(path, cancellationToken) is { } status)
                return status;
            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    private async Task<HttpStatusCode?> TryGetAsync(string path, CancellationToken cancellationToken)
    {
        bool? isOurs = null;
        Socket? socket = null;
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) => new NetworkStream(socket = await ConnectAsync(cancel), ownsSocket: true),
            UseProxy = false,
            AllowAutoRedirect = false,
        });
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://localhost{path}"));
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            // While the connection is open: afterwards the kernel has forgotten whose it was.
            isOurs = socket is null ? null : PeerProcess.AnsweredBy(socket.SafeHandle, worker.ProcessGroup);
            return isOurs == true ? response.StatusCode : null;
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or SocketException or LinuxException)
        {
            return null;
        }
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        const string UnixMarker = "://unix:";
        var marker = listener.Url.IndexOf(UnixMarker, StringComparison.Ordinal);
        if (marker >= 0)
            return UnixSocketPath.Connect(listener.Url[(marker + UnixMarker.Length)..]).ToSocket();

        var address = (IPEndPoint)ListeningSocket.LocalEndPoint(listener.Socket);
        if (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
            address = new IPEndPoint(IPAddress.Loopback, address.Port);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, cancellationToken);
        return socket;
    }
}
