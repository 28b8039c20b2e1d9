// Answers that are slow, long, streamed or have no body at all.

namespace Echo;

internal static class Answers
{
    private const int MaxMs = 120_000;
    private const long MaxBytes = 1L << 32;
    private const int BlockSize = 16 * 1024;
    private static readonly string[] s_getAndHead = ["GET", "HEAD"];

    public static void MapAnswers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/slow", SlowAsync);
        routes.MapGet("/stream", StreamAsync);
        routes.MapMethods("/big", s_getAndHead, BigAsync);
        routes.MapGet("/empty", () => Results.NoContent());
        routes.MapGet("/notmodified", () => Results.StatusCode(StatusCodes.Status304NotModified));
    }

    private static async Task<string> SlowAsync(int ms, CancellationToken cancellation)
    {
        await Task.Delay(Math.Clamp(ms, 0, MaxMs), cancellation);
        return $"{Environment.ProcessId}\n";
    }

    // No Content-Length, so HTTP/1.1 sends each line as a chunk of its own.
    private static async Task StreamAsync(HttpContext context, int chunks = 10, int delayMs = 100)
    {
        context.Response.ContentType = "text/plain";
        for (var i = 0; i < chunks; i++)
        {
            await context.Response.WriteAsync($"{i} {Environment.ProcessId}\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Math.Clamp(delayMs, 0, MaxMs), context.RequestAborted);
        }
    }

    // Byte n of the body is the letter n mod 26, so that a lost, doubled or moved piece shows.
    private static async Task BigAsync(HttpContext context, long bytes)
    {
        bytes = Math.Clamp(bytes, 0, MaxBytes);
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = bytes;
        if (HttpMethods.IsHead(context.Request.Method))
            return;

        var block = new byte[BlockSize];
        for (var at = 0L; at < bytes; at += block.Length)
        {
            for (var i = 0; i < block.Length; i++)
                block[i] = (byte)('a' + ((at + i) % 26));
            var wanted = (int)Math.Min(block.Length, bytes - at);
            await context.Response.Body.WriteAsync(block.AsMemory(0, wanted), context.RequestAborted);
        }
    }
}
