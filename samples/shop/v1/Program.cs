// The shop before the change: list prices only.

using Shop;

await ShopApplication.RunAsync(args, new ShopVersion("1.0.0", PriceRules.All, Schema.Migrations, new OrderTable()));
