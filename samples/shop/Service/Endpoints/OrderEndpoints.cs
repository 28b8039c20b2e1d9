// Orders over HTTP.

using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Orders;

namespace Shop.Endpoints;

internal static class OrderEndpoints
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 500;

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/orders", Place);
        routes.MapGet("/orders/{id:guid}", Get);
        routes.MapGet("/orders", List);
    }

    private static async Task<Results<Created<Order>, Ok<Order>, ValidationProblem, ProblemHttpResult>> Place(
        OrderRequest request, OrderStore store, CancellationToken cancellation)
    {
        if (request.Validate() is { Count: > 0 } problems)
            return TypedResults.ValidationProblem(problems);

        var (placement, order) = await store.PlaceAsync(request, cancellation);
        return placement switch
        {
            Placement.Placed => TypedResults.Created($"/orders/{order.OrderId}", order),
            Placement.AlreadyPlaced => TypedResults.Ok(order),
            _ => TypedResults.Problem(
                $"The key {order.OrderId} belongs to a different order. Choose a new one.",
                statusCode: StatusCodes.Status409Conflict),
        };
    }

    private static Results<Ok<Order>, ProblemHttpResult> Get(Guid id, OrderStore store) =>
        store.Find(id) is { } order
            ? TypedResults.Ok(order)
            : TypedResults.Problem($"There is no order {id}.", statusCode: StatusCodes.Status404NotFound);

    private static Results<Ok<OrderPage>, ValidationProblem> List(OrderStore store, long after = 0, int limit = DefaultLimit)
    {
        if (limit is < 1 or > MaxLimit)
            return TypedResults.ValidationProblem(Bounds.Problem("limit", 1, MaxLimit));

        var orders = store.After(after, limit);
        return TypedResults.Ok(new OrderPage(orders, orders.Count == limit ? orders[^1].Number : null));
    }
}

/// <summary>Holds some orders in the order of their numbers.</summary>
/// <param name="Orders">The orders.</param>
/// <param name="Next">What to ask for as <c>after</c> to get the next ones; null if these are the last.</param>
internal sealed record OrderPage(IReadOnlyList<Order> Orders, long? Next);
