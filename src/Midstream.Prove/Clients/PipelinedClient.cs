using System.Diagnostics;
using System.Net.Sockets;

namespace Midstream.Prove.Clients;

// Sends four requests without waiting for answers, in three writes that end inside a head, and reads the answers in order. What
// stands behind an answered request in the server's buffer is what a swap forgets most easily.
internal sealed class PipelinedClient(RunContext run, RequestText text) : ProveClient(run, ClientKind.Pipelined, text)
{
    private const int Depth = 4;
    private const int Writes = 3;
    private static readonly PauseRange s_betweenWrites = PauseRange.Milliseconds(0, 3);
    private readonly byte[] _requests = new byte[Depth * text.BytesMax];

    protected override async ValueTask<bool> ExchangeAsync()
    {
        var count = Run.Accounts.Numbers.Take(Depth, out var first);
        if (count == 0)
            return false;
        var began = Stopwatch.GetTimestamp();
        if (!await PrepareAsync(first, count))
            return true;
        if (await SendAsync(first, count))
            await ReadAllAsync(first, count, began);
        return true;
    }

    private async ValueTask<bool> SendAsync(long first, int count)
    {
        var length = 0;
        for (var i = 0; i < count; i++)
            length += Text.Write(_requests.AsSpan(length), first + i);
        var requests = _requests.AsMemory(0, length);
        // Neither a third nor two thirds of the length is a boundary of four requests.
        if (!await SendFirstAsync(requests[..(length / Writes)], count))
            return false;
        for (var i = 1; i < Writes; i++)
        {
            await PauseAsync(s_betweenWrites);
            if (await Connection.SendAsync(requests[(length * i / Writes)..(length * (i + 1) / Writes)]) != SocketError.Success)
                break;
        }
        return true;
    }

    private async ValueTask ReadAllAsync(long first, int count, long began)
    {
        for (var i = 0; i < count; i++)
        {
            var end = await ReadResponseAsync();
            if (Settle(first + i, end, Stopwatch.GetElapsedTime(began), isFollower: i > 0, othersFollow: i < count - 1))
                continue;
            SettleUnanswered(first + i + 1, count - i - 1, "the connection came to its end at an earlier request's response");
            return;
        }
    }
}
