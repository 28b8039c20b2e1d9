using System.Net;
using System.Net.Sockets;
using Midstream.Linux;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Requests;

/// <summary>
/// Sends HTTP requests to one generation and no other: each over one end of a socket pair whose other end the worker serves
/// like an accepted connection. No port, no path, nothing that a client could reach.
/// </summary>
/// <param name="worker">The generation, which speaks the worker protocol.</param>
/// <param name="listener">The listener whose settings the requests are served with.</param>
internal sealed class PrivateClient(Worker worker, Listener listener) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        ConnectCallback = (_, cancellationToken) => ConnectAsync(worker, listener, cancellationToken),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        // Nobody can stand between the two ends of a socket pair, and the certificate is for the name that clients use.
#pragma warning disable CA5359
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        BaseAddress = Authority(listener),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Sends a request and reads the answer to its end.</summary>
    /// <param name="request">The request; its address is relative.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The answer's status.</returns>
    /// <exception cref="HttpRequestException">There was no proper answer.</exception>
    public async Task<HttpStatusCode> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.ConnectionClose = true;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return response.StatusCode;
    }

    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(Worker worker, Listener listener, CancellationToken cancellationToken)
    {
        var (mine, theirs) = SocketPair.CreateStream();
        using (theirs)
            await worker.ConnectAsync(listener.Id, theirs, cancellationToken);
        return new NetworkStream(mine.ToSocket(), ownsSocket: true);
    }

    // What the Host header says: the address clients use, so that a host filter lets the request pass.
    private static Uri Authority(Listener listener)
    {
        if (listener.Url.Contains("://unix:", StringComparison.Ordinal))
            return new Uri($"{listener.Url[..listener.Url.IndexOf(':', StringComparison.Ordinal)]}://localhost/");
        var address = new UriBuilder(listener.Url) { Path = "/" };
        if (address.Host is "0.0.0.0" or "[::]")
            address.Host = "localhost";
        return address.Uri;
    }
}
