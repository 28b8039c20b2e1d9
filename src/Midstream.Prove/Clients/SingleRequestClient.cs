using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Midstream.Prove.Clients;

// Sends one whole request and reads its response: the busy, the thinking and the new-connection clients.
internal sealed class SingleRequestClient(RunContext run, ClientKind kind, RequestText text) : ProveClient(run, kind, text)
{
    private readonly byte[] _request = new byte[text.BytesMax];

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<bool> ExchangeAsync()
    {
        if (Run.Accounts.Numbers.Take(1, out var number) == 0)
            return false;
        var began = Stopwatch.GetTimestamp();
        if (!await PrepareAsync(number, 1))
            return true;
        if (!await SendFirstAsync(_request.AsMemory(0, Text.Write(_request, number)), 1))
            return true;
        var end = await ReadResponseAsync();
        Settle(number, end, Stopwatch.GetElapsedTime(began));
        return true;
    }
}
