using System.Net;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Requests;

/// <summary>Asks one generation, by the private way where it has one.</summary>
internal sealed class GenerationClient : IGenerationClient
{
    private readonly PrivateClient? _private;
    private readonly PublicClient _public;

    public GenerationClient(Worker worker, Listener listener)
    {
        _private = worker.SpeaksMidstream ? new PrivateClient(worker, listener) : null;
        _public = new PublicClient(worker, listener);
    }

    /// <summary>Gets whether the generation can be asked before it takes traffic.</summary>
    public bool IsPrivate => _private is not null;

    public async Task<HttpStatusCode> GetAsync(string path, CancellationToken cancellationToken)
    {
        if (_private is null)
            return await _public.GetAsync(path, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await _private.SendAsync(request, cancellationToken);
    }

    public async Task<HttpStatusCode?> SendPrivatelyAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _private is null ? null : await _private.SendAsync(request, cancellationToken);

    public void Dispose() => _private?.Dispose();
}
