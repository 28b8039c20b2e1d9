using System.Diagnostics;
using System.Net.Sockets;

namespace Midstream.Prove.Clients;

// Sends a request in pieces with pauses between them: a head in six (a swap must not lose half a head), or a head and then a body
// in eight. A server may answer before it has everything; the rest is sent all the same, as long as the connection takes it.
internal sealed class PiecewiseClient(RunContext run, ClientKind kind, RequestText text, UploadBody? body)
    : ProveClient(run, kind, text)
{
    private const int HeadPieces = 6;
    private readonly byte[] _head = new byte[text.BytesMax];

    protected override async ValueTask<bool> ExchangeAsync()
    {
        if (Run.Accounts.Numbers.Take(1, out var number) == 0)
            return false;
        if (!await PrepareAsync(number, 1))
            return true;
        var head = _head.AsMemory(0, Text.Write(_head, number));
        if (!await SendFirstAsync(PieceOf(head, 0), 1))
            return true;
        await SendRestAsync(head);
        var sent = Stopwatch.GetTimestamp();
        var end = await ReadResponseAsync();
        Settle(number, end, Stopwatch.GetElapsedTime(sent));
        return true;
    }

    // A connection that breaks meanwhile may still hold a response; reading finds out.
    private async ValueTask SendRestAsync(ReadOnlyMemory<byte> head)
    {
        var pieces = body is null ? HeadPieces : 1 + body.Pieces.Length;
        for (var i = 1; i < pieces; i++)
        {
            await PauseAsync(Run.Options.PiecePause);
            if (await Connection.SendAsync(PieceOf(head, i)) != SocketError.Success)
                return;
        }
    }

    private ReadOnlyMemory<byte> PieceOf(ReadOnlyMemory<byte> head, int index)
    {
        if (body is not null)
            return index == 0 ? head : body.Pieces[index - 1];
        return head[(head.Length * index / HeadPieces)..(head.Length * (index + 1) / HeadPieces)];
    }
}
