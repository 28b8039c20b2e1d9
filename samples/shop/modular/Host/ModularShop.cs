// Puts the shop and its modules together. That there are modules is said here and nowhere else.

using Midstream.Modules;
using Shop.Contracts;

namespace Shop;

/// <summary>Builds the shop whose prices and promotions are modules.</summary>
public static class ModularShop
{
    /// <summary>Builds it.</summary>
    /// <param name="args">The command line, as for any ASP.NET Core application.</param>
    /// <returns>The application, which is not started yet.</returns>
    public static WebApplication Build(string[] args) => ShopApplication.Build(
        args, new ShopVersion("2.1.0", PriceRules.All, Schema.Migrations, new OrderTable()), AddModules);

    private static void AddModules(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ICatalogue, Catalogue>();
        builder.AddModules("modules", options =>
        {
            options.DataFolder = builder.Configuration["Shop:ModuleData"];
            options.Shared.Add(typeof(ICatalogue).Assembly);
            options.Lent.Add(typeof(ICatalogue));
        });
    }
}
