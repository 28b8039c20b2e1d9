// Puts the service together; a version's Program only says which version it is.

using Shop.Endpoints;
using Shop.Orders;
using Shop.Storage;

namespace Shop;

/// <summary>Builds and runs the shop.</summary>
public static class ShopApplication
{
    /// <summary>Runs one version of the shop until the process is asked to stop.</summary>
    public static async Task RunAsync(string[] args, ShopVersion version)
    {
        await using var app = Build(args, version);
        await app.RunAsync();
    }

    /// <summary>Builds one version of the shop.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="version">What the version differs in.</param>
    /// <param name="extend">Adds what this version has beside; null for nothing.</param>
    /// <returns>The application, which is not started yet.</returns>
    public static WebApplication Build(string[] args, ShopVersion version, Action<WebApplicationBuilder>? extend = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        AddServices(builder, version);
        extend?.Invoke(builder);

        var app = builder.Build();
        MapEverything(app, version);
        return app;
    }

    private static void AddServices(WebApplicationBuilder builder, ShopVersion version)
    {
        var services = builder.Services;
        services.AddOptions<ShopOptions>()
            .Bind(builder.Configuration.GetSection(ShopOptions.Section))
            .Validate(options => options.IsValid(), "Shop:Database must be a path and Shop:BusyTimeoutMs 100 to 60000.")
            .ValidateOnStart();
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ShopJson.Default));
        // A malformed body is the client's mistake in every environment, not an exception in some.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);

        services.AddSingleton(version);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<ShopDatabase>();
        services.AddSingleton<OrderStore>();
        services.AddHostedService<Migrator>();
        services.AddHealthChecks().AddCheck<DatabaseHealthCheck>("database");
    }

    private static void MapEverything(WebApplication app, ShopVersion version)
    {
        app.UseRequestIdEcho();
        app.UseExceptionHandler();
        app.UseStatusCodePages();

        app.MapService(version);
        app.MapOrders();
        app.MapTransfers();
    }
}
