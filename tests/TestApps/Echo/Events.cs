// A stream of events as an EventSource reads it: numbered, and continued from the last one the client has seen.

using System.Globalization;

namespace Echo;

internal static class Events
{
    private const int MaxMs = 120_000;

    public static void MapEvents(this IEndpointRouteBuilder routes) => routes.MapGet("/events", StreamAsync);

    private static async Task StreamAsync(HttpContext context, int everyMs = 50)
    {
        context.Response.ContentType = "text/event-stream";
        _ = int.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var number);
        // A browser that has lost the stream waits so long before it asks again.
        await context.Response.WriteAsync("retry: 50\n\n", context.RequestAborted);
        while (true)
        {
            await context.Response.WriteAsync($"id: {++number}\ndata: {Environment.ProcessId}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Math.Clamp(everyMs, 1, MaxMs), context.RequestAborted);
        }
    }
}
