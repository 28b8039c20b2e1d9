// Requests that take their time: a body that comes in slowly, and one that goes out slowly.

using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Orders;

namespace Shop.Endpoints;

internal static class TransferEndpoints
{
    private const int MaxLines = 100_000;
    private const int MaxDelayMs = 5_000;
    private const int PageSize = 100;
    private const int BufferSize = 64 * 1024;

    public static void MapTransfers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/upload", Upload);
        routes.MapGet("/export", Export);
    }

    private static async Task<Ok<Receipt>> Upload(Stream body, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var bytes = 0L;
            while (await body.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                hash.AppendData(buffer, 0, read);
                bytes += read;
            }

            return TypedResults.Ok(new Receipt(bytes, Convert.ToHexStringLower(hash.GetHashAndReset())));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<IResult> Export(
        HttpContext context, OrderStore store, TimeProvider clock, int lines = MaxLines, int delayMs = 0)
    {
        if (lines is < 1 or > MaxLines)
            return TypedResults.ValidationProblem(Bounds.Problem(nameof(lines), 1, MaxLines));
        if (delayMs is < 0 or > MaxDelayMs)
            return TypedResults.ValidationProblem(Bounds.Problem(nameof(delayMs), 0, MaxDelayMs));

        context.Response.ContentType = "application/x-ndjson";
        foreach (var order in Walk(store, lines))
        {
            await WriteLineAsync(context.Response, order, context.RequestAborted);
            if (delayMs > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(delayMs), clock, context.RequestAborted);
        }

        return TypedResults.Empty;
    }

    // Page by page: a reader held open for as long as the slowest client would keep SQLite from truncating its log.
    private static IEnumerable<Order> Walk(OrderStore store, int count)
    {
        var last = 0L;
        while (count > 0 && store.After(last, Math.Min(count, PageSize)) is { Count: > 0 } page)
        {
            foreach (var order in page)
                yield return order;
            last = page[^1].Number;
            count -= page.Count;
        }
    }

    private static async Task WriteLineAsync(HttpResponse response, Order order, CancellationToken cancellation)
    {
        await JsonSerializer.SerializeAsync(response.BodyWriter, order, ShopJson.Default.Order, cancellation);
        response.BodyWriter.Write("\n"u8);
        await response.BodyWriter.FlushAsync(cancellation);
    }
}

/// <summary>Says what an upload was.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its checksum, in lower-case hexadecimal.</param>
internal sealed record Receipt(long Bytes, string Sha256);
