using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Midstream.Modules.Loading;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Swaps;

/// <summary>Sends a module's own requests through a generation that no client sees yet, so that what the first of each kind
/// costs, compilation above all, is paid before the move.</summary>
internal static class WarmUp
{
    /// <summary>Sends each request as often as asked.</summary>
    /// <exception cref="ModulePackageException">One was answered with 500 or above, or matches no endpoint.</exception>
    public static async Task RunAsync(
        ModuleGeneration generation, LoadedModule loaded, int repeats, CancellationToken cancellationToken)
    {
        // Once more than the module asks for, and for what is not there: the first request of all builds the route table.
        await SendAsync(generation, new WarmUpRequest("/-midstream-warm-up-"), cancellationToken);
        foreach (var request in loaded.Module.WarmUp)
        {
            for (var i = 0; i < repeats; i++)
                Judge(request, await SendAsync(generation, request, cancellationToken));
        }
    }

    private static async Task<(int Status, bool WasMatched)> SendAsync(
        ModuleGeneration generation, WarmUpRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var context = MakeContext(generation.Package.Manifest.Path, request, cancellationToken);
        var lease = generation.TryEnter(context, isWarmUp: true)
            ?? throw new InvalidOperationException("A generation that is warmed up takes no requests.");
        var wasMatched = true;
        await ModuleDispatcher.ServeAsync(context, lease, _ =>
        {
            wasMatched = false;
            return Task.CompletedTask;
        });
        await context.Response.CompleteAsync();
        return (context.Response.StatusCode, wasMatched);
    }

    private static void Judge(WarmUpRequest request, (int Status, bool WasMatched) answer)
    {
        if (!answer.WasMatched)
            throw new ModulePackageException($"The warm-up request {request.Method} {request.Path} matches no endpoint.");
        if (answer.Status >= 500)
            throw new ModulePackageException(
                $"The warm-up request {request.Method} {request.Path} was answered with {answer.Status}.");
    }

    private static DefaultHttpContext MakeContext(string slot, WarmUpRequest request, CancellationToken cancellationToken)
    {
        var context = new DefaultHttpContext();
        var (path, query) = Split(request.Path);
        context.Request.Method = request.Method;
        context.Request.Scheme = "http";
        context.Request.Host = new HostString("localhost");
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Path = slot == "/" ? path : slot + path;
        context.Request.QueryString = new QueryString(query);
        context.RequestAborted = cancellationToken;
        context.Response.Body = new MemoryStream();
        if (request.Body is { } body)
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            context.Request.Body = new MemoryStream(bytes);
            context.Request.ContentLength = bytes.Length;
            context.Request.ContentType = request.ContentType;
        }

        context.Features.Set<IHttpRequestBodyDetectionFeature>(new BodyDetection(request.Body is not null));
        return context;
    }

    private static (string Path, string Query) Split(string pathAndQuery)
    {
        var mark = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (pathAndQuery, "") : (pathAndQuery[..mark], pathAndQuery[mark..]);
    }

    private sealed record BodyDetection(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;
}
