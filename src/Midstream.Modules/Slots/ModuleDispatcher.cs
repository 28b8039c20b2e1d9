using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Midstream.Modules.Slots;

/// <summary>The middleware that gives a request to the generation that serves in its slot. The generation is held before
/// anything of it is looked at, and until the response and the request's services have ended.</summary>
internal sealed class ModuleDispatcher(RequestDelegate next, SlotBoard board)
{
    public Task InvokeAsync(HttpContext context)
    {
        while (board.Table.Find(context.Request) is { } entry)
        {
            // Closed between the two reads: the table has moved on, or does so at any moment.
            if (entry.Traffic.Choose(context).TryEnter(context) is { } lease)
                return ServeAsync(context, lease, next);
        }

        return next(context);
    }

    /// <summary>Serves a request on the generation that is held, and lets go of it.</summary>
    internal static Task ServeAsync(HttpContext context, GenerationLease lease, RequestDelegate next)
    {
        var services = context.Features.Get<IServiceProvidersFeature>();
        var endpoint = context.GetEndpoint();
        if (endpoint is not null)
            context.SetEndpoint(null);
        context.Features.Set<IServiceProvidersFeature>(lease);
        Task serving;
        try
        {
            serving = lease.Loaded!.Pipeline(context);
        }
        catch (Exception thrown)
        {
            serving = Task.FromException(thrown);
        }

        if (serving.IsCompletedSuccessfully && lease.DisposeScopeAsync() is { IsCompletedSuccessfully: true })
            return Leave(context, lease, services, endpoint, hasThrown: false) ? Task.CompletedTask : next(context);
        return EndAsync(serving, context, lease, services, endpoint, next);
    }

    private static async Task EndAsync(
        Task serving, HttpContext context, GenerationLease lease, IServiceProvidersFeature? services, Endpoint? endpoint,
        RequestDelegate next)
    {
        var wasMatched = true;
        try
        {
            await serving;
        }
        finally
        {
            try
            {
                await lease.DisposeScopeAsync();
            }
            finally
            {
                wasMatched = Leave(context, lease, services, endpoint, hasThrown: !serving.IsCompletedSuccessfully);
            }
        }

        if (!wasMatched)
            await next(context);
    }

    // A connection that is kept open keeps its features, and they must not keep the generation. What is looked at comes first:
    // each feature that is set makes the context look all others up anew.
    private static bool Leave(
        HttpContext context, GenerationLease lease, IServiceProvidersFeature? services, Endpoint? endpoint, bool hasThrown)
    {
        var end = EndOf(context, hasThrown);
        var wasMatched = !lease.WasNotMatched;
        context.Features.Set(services);
        context.SetEndpoint(wasMatched ? null : endpoint);
        ModuleGeneration.Exit(lease, end);
        return wasMatched;
    }

    // Only of a request that has thrown is asked whether its client has gone: the answer costs the others an object each.
    private static RequestEnd EndOf(HttpContext context, bool hasThrown) =>
        hasThrown && context.RequestAborted.IsCancellationRequested ? RequestEnd.Aborted
        : hasThrown || context.Response.StatusCode >= 500 ? RequestEnd.Failed : RequestEnd.Answered;
}
