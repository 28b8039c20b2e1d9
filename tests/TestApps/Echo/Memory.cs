// Memory that is asked for and never given back, as a leak would: what a limit of memory is tested with.

using System.Collections.Concurrent;

namespace Echo;

internal static class Memory
{
    private const int Mebibyte = 1 << 20;

    private static readonly ConcurrentBag<byte[]> s_kept = [];

    public static void MapMemory(this IEndpointRouteBuilder routes) => routes.MapPost("/grow/{mib:int}", (int mib) =>
    {
        // Written to, for untouched memory is not resident.
        var kept = GC.AllocateUninitializedArray<byte>(mib * Mebibyte);
        kept.AsSpan().Fill(1);
        s_kept.Add(kept);
        return Environment.ProcessId;
    });
}
