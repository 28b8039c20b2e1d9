// The seam between what the versions share and what they differ in.

using Shop.Orders;
using Shop.Pricing;
using Shop.Storage;

namespace Shop;

/// <summary>Describes one version of the shop: all that a change of version changes.</summary>
/// <param name="Name">The version as <c>GET /version</c> shows it.</param>
/// <param name="PriceRules">The rules an order is priced by.</param>
/// <param name="Migrations">Every migration this version knows, oldest first.</param>
/// <param name="OrderTable">How this version writes and reads the table of orders.</param>
public sealed record ShopVersion(
    string Name,
    IReadOnlyList<PriceRule> PriceRules,
    IReadOnlyList<Migration> Migrations,
    IOrderTable OrderTable);
