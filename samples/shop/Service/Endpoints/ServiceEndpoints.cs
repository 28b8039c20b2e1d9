// What the service tells about itself.

namespace Shop.Endpoints;

internal static class ServiceEndpoints
{
    public static void MapService(this IEndpointRouteBuilder routes, ShopVersion version)
    {
        var running = new RunningVersion(version.Name, Environment.ProcessId, TimeProvider.System.GetUtcNow());

        routes.MapGet("/", () => TypedResults.Text($"The shop, version {version.Name}. Place an order: POST /orders\n"));
        routes.MapGet("/version", () => TypedResults.Ok(running));
        routes.MapGet("/price-rules", () => TypedResults.Ok(version.PriceRules));
        routes.MapHealthChecks("/healthz");
    }
}

/// <summary>Says which process of which version answers.</summary>
internal sealed record RunningVersion(string Version, int ProcessId, DateTimeOffset StartedAt);
