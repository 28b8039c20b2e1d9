// The endpoints whose cost is measured. They are compiled into the module and into the application that has no modules, so that
// the two differ in nothing but the slot.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Measured;

internal static class Endpoints
{
    private static readonly byte[] s_text = "Hello, World!"u8.ToArray();

    /// <summary>Maps an endpoint that needs no services, and one that needs a service of its request's own.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/text", static context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = s_text.Length;
            return context.Response.Body.WriteAsync(s_text).AsTask();
        });
        endpoints.MapGet("/service", static (Greeting greeting) => greeting.Text);
    }
}

/// <summary>A service that each request has one of.</summary>
internal sealed class Greeting
{
    public string Text { get; } = "Hello, World!";
}
