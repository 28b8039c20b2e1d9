// Promotions, third version: points can be spent. The state tells what was earned from what was spent, in a new format; the
// format before has the balance, and is read and written for the way up and back.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Shop.Promotions;

public sealed class PromotionsModule : IModule
{
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } =
    [
        new("/customers/nobody"),
        // Nobody has no points, so nothing is spent.
        new("/customers/nobody/spend") { Method = "POST", Body = """{"points":1}""" },
    ];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PromotionsJson.Default));
        services.AddSingleton<Accounts>();
        services.AddHostedService<PointsKeeper>();
        services.AddState(_ => new StateDictionary<string, Balance>("points", StateCodec.Text, new BalanceCodec(), new()
        {
            Version = BalanceCodec.WithSpent,
            Reads = [BalanceCodec.Plain, BalanceCodec.WithSpent],
            Writes = [BalanceCodec.Plain, BalanceCodec.WithSpent],
        }));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/customers/{name}", async (string name, Accounts accounts) =>
            Customer.Of(await accounts.OfAsync(name)));
        endpoints.MapPost("/customers/{name}/spend", async Task<Results<Ok<Customer>, Conflict>> (
            string name, Spending spending, Accounts accounts) =>
            await accounts.SpendAsync(name, spending.Points) is { } balance
                ? TypedResults.Ok(Customer.Of(balance))
                : TypedResults.Conflict());
    }
}
