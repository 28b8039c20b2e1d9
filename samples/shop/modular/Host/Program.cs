// The shop as v2 has it, and beside its orders what modules make of it.

using Shop;

await using var shop = ModularShop.Build(args);
await shop.RunAsync();
