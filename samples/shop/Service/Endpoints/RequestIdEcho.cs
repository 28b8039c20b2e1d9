// Gives a client its own request id back, so that it can tell whether an answer belongs to its question.

namespace Shop.Endpoints;

internal static class RequestIdEcho
{
    private const string Header = "X-Prove-Id";
    private const int MaxLength = 128;

    public static void UseRequestIdEcho(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var id = context.Request.Headers[Header].ToString();
        // What cannot be written as a header is not worth failing the request for.
        if (id.Length is > 0 and <= MaxLength && id.All(char.IsAscii))
            context.Response.Headers[Header] = id;
        return next(context);
    });
}
