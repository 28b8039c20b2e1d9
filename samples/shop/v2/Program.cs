// The shop after the change: a discount for ten pieces and more, and a column that says how much it was.

using Shop;

await ShopApplication.RunAsync(args, new ShopVersion("2.0.0", PriceRules.All, Schema.Migrations, new OrderTable()));
