// Which process answered, of which release, and how much it has served: what a test of a hand-over asks about.

namespace Echo;

internal static class Identity
{
    private static readonly string[] s_getAndHead = ["GET", "HEAD"];
    private static long s_requests;

    public static void UseRequestCount(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        Interlocked.Increment(ref s_requests);
        return next(context);
    });

    public static void UseRequestIdEcho(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Headers.TryGetValue("X-Prove-Id", out var id))
            context.Response.Headers["X-Prove-Id"] = id;
        return next(context);
    });

    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/", s_getAndHead, () => new
        {
            pid = Environment.ProcessId,
            release = Environment.GetEnvironmentVariable("MIDSTREAM_RELEASE"),
        });
        routes.MapGet("/count", () => new { pid = Environment.ProcessId, requests = Interlocked.Read(ref s_requests) });
        routes.MapGet("/client", (HttpContext context) =>
            $"{context.Connection.RemoteIpAddress} {context.Connection.RemotePort} {Environment.ProcessId}");
        routes.MapGet("/healthz", () => "ok");
    }
}
