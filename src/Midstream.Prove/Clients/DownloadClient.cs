using System.Diagnostics;

namespace Midstream.Prove.Clients;

// Reads a long response slowly, so that it is under way for as long as a swap takes. Each piece has the request timeout anew.
internal sealed class DownloadClient(RunContext run, RequestText text) : ProveClient(run, ClientKind.Download, text)
{
    private readonly byte[] _request = new byte[text.BytesMax];
    private long _began;
    private TimeSpan? _firstByte;

    protected override async ValueTask<bool> ExchangeAsync()
    {
        if (Run.Accounts.Numbers.Take(1, out var number) == 0)
            return false;
        _began = Stopwatch.GetTimestamp();
        _firstByte = null;
        if (!await PrepareAsync(number, 1))
            return true;
        if (!await SendFirstAsync(_request.AsMemory(0, Text.Write(_request, number)), 1))
            return true;
        var end = await ReadResponseAsync();
        Settle(number, end, _firstByte ?? TimeSpan.Zero);
        return true;
    }

    protected override ValueTask BeforeReceiveAsync() =>
        _firstByte is null ? ValueTask.CompletedTask : PauseAsync(Run.Options.PiecePause);

    protected override void OnReceived()
    {
        _firstByte ??= Stopwatch.GetElapsedTime(_began);
        Connection.Arm(Run.DeadlineFromNow());
    }
}
