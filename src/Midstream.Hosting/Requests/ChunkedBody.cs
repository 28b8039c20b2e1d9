using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Midstream.Hosting.Requests;

/// <summary>Reads off what an application has left of a chunked body, so that the next request's first byte is known.</summary>
internal static class ChunkedBody
{
    // As long as Kestrel itself waits for the rest of a body.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads to the end of the body.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="requestAborted">The client is gone.</param>
    /// <returns>True when the end was reached; false when it was not in time, or cannot be known: the application has closed the
    /// reader, or the body was broken.</returns>
    public static async Task<bool> TryReadOffAsync(PipeReader body, CancellationToken requestAborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(requestAborted);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                var result = await body.ReadAsync(patience.Token);
                body.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return true;
            }
        }
        catch (Exception unknown) when (
            unknown is OperationCanceledException or InvalidOperationException or IOException or BadHttpRequestException)
        {
            return false;
        }
    }
}
