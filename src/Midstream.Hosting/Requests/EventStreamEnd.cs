using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Midstream.Hosting.Requests;

/// <summary>
/// Ends a stream of server-sent events when the process lets go of its connections: to its handler the client is gone, and to the
/// client the response is complete. An EventSource then asks again by itself, from the last event it has seen, and the
/// connection it asks on has moved. Without this a stream would last as long as the drain, and be torn at its end.
/// </summary>
internal sealed class EventStreamEnd : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly IHttpRequestLifetimeFeature _inner;
    private readonly CancellationToken _handingOver;
    private readonly CancellationTokenSource _either;

    private EventStreamEnd(IHttpRequestLifetimeFeature inner, CancellationToken handingOver)
    {
        _inner = inner;
        _handingOver = handingOver;
        _either = CancellationTokenSource.CreateLinkedTokenSource(inner.RequestAborted, handingOver);
        RequestAborted = _either.Token;
    }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>Says whether a request asks for a stream of events. An EventSource always says so.</summary>
    /// <param name="request">The request.</param>
    /// <returns>True when it accepts text/event-stream and nothing else.</returns>
    public static bool IsFor(HttpRequest request) =>
        string.Equals(request.Headers.Accept, "text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Has a request handled, and its response completed when the process lets go.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">Handles it.</param>
    /// <param name="handingOver">Cancelled when the process lets go.</param>
    /// <returns>A task that ends with the request.</returns>
    public static async Task HandleAsync(HttpContext context, RequestDelegate next, CancellationToken handingOver)
    {
        var inner = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        using var end = new EventStreamEnd(inner, handingOver);
        context.Features.Set<IHttpRequestLifetimeFeature>(end);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (end.WasOurs)
        {
            // The handler has given up as if the client had: the server ends the response in order.
        }
        finally
        {
            context.Features.Set(inner);
        }
    }

    public void Abort() => _inner.Abort();

    public void Dispose() => _either.Dispose();

    private bool WasOurs => _handingOver.IsCancellationRequested && !_inner.RequestAborted.IsCancellationRequested;
}
