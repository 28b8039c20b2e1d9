// A page for a real browser: it holds a WebSocket and a stream of events, and reports what it has seen of them.
//
//   GET  /page    the page
//   GET  /events  numbered events, continued from the last one seen
//   POST /seen    the page's report
//   GET  /seen    its last report to this process

using System.Globalization;

namespace Movable;

internal static class Page
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private static volatile string s_seen = "";

    private const string Html = """
        <!doctype html><script>
        const seen = { messages: 0, wrong: 0, closes: 0, events: 0, gaps: 0, processes: 0 };
        const processes = new Set();
        const socket = new WebSocket(`ws://${location.host}/ws`);
        const say = () => socket.send("x");
        socket.onopen = say;
        socket.onclose = () => seen.closes++;
        socket.onmessage = message => {
          const [count, process] = message.data.split(" ");
          if (Number(count) !== ++seen.messages) seen.wrong++;
          processes.add(process);
          seen.processes = processes.size;
          setTimeout(say, 10);
        };
        const events = new EventSource("/events");
        events.onmessage = event => { if (Number(event.lastEventId) !== ++seen.events) seen.gaps++; };
        setInterval(() => fetch("/seen", { method: "POST", body: JSON.stringify(seen) }), 100);
        </script>
        """;

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/page", static () => Results.Content(Html, "text/html"));
        routes.MapGet("/events", StreamAsync);
        routes.MapGet("/seen", static () => s_seen);
        routes.MapPost("/seen", static async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            s_seen = await reader.ReadToEndAsync();
        });
    }

    private static async Task StreamAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        _ = int.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var number);
        await context.Response.WriteAsync("retry: 50\n\n", context.RequestAborted);
        while (true)
        {
            await context.Response.WriteAsync($"id: {++number}\ndata: x\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(s_pause, context.RequestAborted);
        }
    }
}
