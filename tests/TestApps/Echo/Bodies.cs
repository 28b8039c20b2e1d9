// Request bodies that are read to the end, to the middle, or not at all.

namespace Echo;

internal static class Bodies
{
    private const int BufferSize = 16 * 1024;

    public static void MapBodies(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/upload", (HttpRequest request) => ReadAsync(request, long.MaxValue));
        routes.MapPost("/half", (HttpRequest request) => ReadAsync(request, (request.ContentLength ?? BufferSize) / 2));
        routes.MapPost("/unread", () => new { pid = Environment.ProcessId, bytes = 0 });
    }

    private static async Task<object> ReadAsync(HttpRequest request, long limit)
    {
        var buffer = new byte[BufferSize];
        var bytes = 0L;
        while (bytes < limit)
        {
            var wanted = (int)Math.Min(buffer.Length, limit - bytes);
            var read = await request.Body.ReadAsync(buffer.AsMemory(0, wanted), request.HttpContext.RequestAborted);
            if (read == 0)
                break;
            bytes += read;
        }

        return new { pid = Environment.ProcessId, bytes };
    }
}
