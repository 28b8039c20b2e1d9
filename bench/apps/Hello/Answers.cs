// The answers by which two servers are compared when nothing is replaced.

using System.Text.Json.Serialization;

namespace Hello;

internal static class Answers
{
    private static readonly byte[] s_plainText = "Hello, World!"u8.ToArray();
    private static readonly byte[] s_large = [.. Enumerable.Repeat((byte)'m', 64 * 1024)];

    public static void MapSteady(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/plaintext", PlainTextAsync);
        routes.MapGet("/json", context =>
            context.Response.WriteAsJsonAsync(new Message("Hello, World!"), MessageJson.Default.Message));
        routes.MapGet("/large", context => WriteAsync(context, s_large));
        routes.MapPost("/upload", UploadAsync);
    }

    public static Task PlainTextAsync(HttpContext context) => WriteAsync(context, s_plainText);

    private static Task WriteAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "text/plain";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }

    private static async Task UploadAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        await PlainTextAsync(context);
    }
}

internal sealed record Message(string Text);

[JsonSerializable(typeof(Message))]
internal sealed partial class MessageJson : JsonSerializerContext;
