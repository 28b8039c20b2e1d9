// Everything the service reads and writes as JSON, generated at build time.

using System.Text.Json.Serialization;
using Shop.Endpoints;
using Shop.Orders;
using Shop.Pricing;

namespace Shop;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderPage))]
[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(RunningVersion))]
[JsonSerializable(typeof(IReadOnlyList<PriceRule>))]
internal sealed partial class ShopJson : JsonSerializerContext;
