// What every peer answers while it is upgraded: a tiny text, the release it comes from, and the number of the request.

namespace Hello;

internal static class Release
{
    private const string IdHeader = "X-Prove-Id";

    public static void MapRelease(this IEndpointRouteBuilder routes)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "release.txt");
        var release = File.Exists(file) ? File.ReadAllText(file) : "none";
        routes.MapGet("/", context =>
        {
            context.Response.Headers["Bench-Release"] = release;
            context.Response.Headers[IdHeader] = context.Request.Headers[IdHeader];
            return Answers.PlainTextAsync(context);
        });
    }
}
