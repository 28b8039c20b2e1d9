// A module with Entity Framework Core and SQLite. Two projects build it: with the libraries of its host, and with its own.

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Midstream;

namespace Catalog;

public sealed class CatalogModule : IModule
{
    public IReadOnlyList<WarmUpRequest> WarmUp { get; } = [new("/items/count?name=nothing")];

    public void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
        var database = $"Data Source={context.Configuration["Database"]}";
        if (context.Configuration["ByHand"] is not null)
            services.AddScoped(_ => new Items(new DbContextOptionsBuilder<Items>().UseSqlite(database).Options));
        else
            services.AddDbContext<Items>(options => options.UseSqlite(database));
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/items/{name}", async (string name, Items items) =>
        {
            items.Add(new Item { Name = name });
            await items.SaveChangesAsync();
            return TypedResults.Text("added");
        });
        endpoints.MapGet("/items/count", async (string name, Items items) =>
            TypedResults.Text($"{await items.All.CountAsync(item => item.Name == name)}"));
    }

    public async Task StartAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Items>().Database.EnsureCreatedAsync(cancellationToken);
    }
}

public sealed class Item
{
    public long Id { get; set; }

    public required string Name { get; set; }
}

public sealed class Items(DbContextOptions<Items> options) : DbContext(options)
{
    public DbSet<Item> All => Set<Item>();
}
