using System.Net;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Requests;

/// <summary>Asks one generation over HTTP.</summary>
internal interface IGenerationClient : IDisposable
{
    /// <summary>Sends a GET.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The status of the answer.</returns>
    /// <exception cref="HttpRequestException">There was no proper answer.</exception>
    Task<HttpStatusCode> GetAsync(string path, CancellationToken cancellationToken);

    /// <summary>Sends a request by the private way.</summary>
    /// <param name="request">The request; its address is relative.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The status of the answer; null when there is no private way.</returns>
    /// <exception cref="HttpRequestException">There was no proper answer.</exception>
    Task<HttpStatusCode?> SendPrivatelyAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}

/// <summary>Reaches generations over HTTP.</summary>
internal interface IGenerationClients
{
    /// <summary>Makes a client of one generation.</summary>
    /// <param name="worker">The generation; it has said hello if it ever will.</param>
    /// <returns>The client.</returns>
    IGenerationClient Of(Worker worker);
}
