using Midstream.Core.Configuration;

namespace Midstream.Supervisor.Requests;

/// <summary>
/// Sends a generation the requests that make it compile, connect and cache what clients will need, before a client is there
/// to wait for it.
/// </summary>
/// <param name="client">Reaches the generation privately.</param>
/// <param name="requests">The requests.</param>
/// <param name="timeout">The time each of them has.</param>
/// <param name="time">The clock.</param>
internal sealed class WarmUp(
    IGenerationClient client, IReadOnlyList<WarmUpRequest> requests, TimeSpan timeout, TimeProvider time)
{
    /// <summary>Sends all of them, one after another.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is wrong with the generation; null when each request was answered below 500.</returns>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        foreach (var request in requests)
        {
            for (var count = 0; count < request.Count; count++)
            {
                if (await SendAsync(request, cancellationToken) is { } fault)
                    return fault;
            }
        }

        return null;
    }

    private async Task<string?> SendAsync(WarmUpRequest request, CancellationToken cancellationToken)
    {
        using var patience = new Patience(timeout, time, cancellationToken);
        using var message = ToMessage(request);
        try
        {
            var status = await client.SendPrivatelyAsync(message, patience.Token);
            return (int?)status >= 500 ? $"The warm-up request {request.Method} {request.Path} was answered with " +
                $"{(int)status}." : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The warm-up request {request.Method} {request.Path} was not answered within " +
                $"{timeout.TotalMilliseconds:0} ms.";
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException)
        {
            return $"The warm-up request {request.Method} {request.Path} was not answered: {unreachable.Message}";
        }
    }

    private static HttpRequestMessage ToMessage(WarmUpRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), request.Path);
        if (request.Body is { } body)
            message.Content = new StringContent(body) { Headers = { ContentType = null } };
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }
}
