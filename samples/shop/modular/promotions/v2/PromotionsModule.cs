// Promotions, second version: customers have a tier. The points are kept by a service, and the state is what it was.

using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Shop.Promotions;

public sealed class PromotionsModule : IModule
{
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/customers/nobody")];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PromotionsJson.Default));
        services.AddHostedService<PointsKeeper>();
        services.AddState(_ => new StateDictionary<string, Balance>(
            "points", StateCodec.Text, StateCodec.Json(PromotionsJson.Default.Balance)));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/customers/{name}", async (string name, StateDictionary<string, Balance> points) =>
            Customer.Of((await points.GetAsync(name)).Value ?? new Balance(0, 0)));
}

/// <summary>What a customer has collected.</summary>
public sealed record Balance(long Purchases, long Points);

/// <summary>A customer as clients see it: as in the version before, and the tier.</summary>
public sealed record Customer(long Purchases, long Points, string Tier)
{
    private static readonly (long From, string Name)[] s_tiers = [(10_000, "gold"), (1_000, "silver"), (0, "bronze")];

    public static Customer Of(Balance balance) =>
        new(balance.Purchases, balance.Points, s_tiers.First(tier => balance.Points >= tier.From).Name);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Balance))]
[JsonSerializable(typeof(Customer))]
public sealed partial class PromotionsJson : JsonSerializerContext;
