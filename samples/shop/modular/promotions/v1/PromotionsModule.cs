// Promotions, first version: a point for each full unit of money that a customer has paid.

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;
using Shop.Contracts;

namespace Shop.Promotions;

public sealed class PromotionsModule : IModule
{
    private IModuleContext _context = null!;

    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/customers/nobody")];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        _context = context;
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PromotionsJson.Default));
        services.AddState(_ => new StateDictionary<string, Balance>(
            "points", StateCodec.Text, StateCodec.Json(PromotionsJson.Default.Balance)));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/customers/{name}", async (string name, StateDictionary<string, Balance> points) =>
            (await points.GetAsync(name)).Value ?? new Balance(0, 0));

    public Task StartAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var points = services.GetRequiredService<StateDictionary<string, Balance>>();
        // Ends with the generation; no event goes to two generations.
        _context.Events.Subscribe<Sold>(async (sold, stopping) => await points.UpdateAsync(
            sold.Customer,
            old => new Balance((old.Value?.Purchases ?? 0) + 1, (old.Value?.Points ?? 0) + (long)sold.Total), stopping));
        return Task.CompletedTask;
    }
}

/// <summary>What a customer has collected.</summary>
public sealed record Balance(long Purchases, long Points);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Balance))]
public sealed partial class PromotionsJson : JsonSerializerContext;
