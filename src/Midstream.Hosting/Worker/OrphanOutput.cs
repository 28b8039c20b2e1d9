using Midstream.Linux;

namespace Midstream.Hosting.Worker;

/// <summary>
/// Reads this process's own output while there is no supervisor to do it: a pipe that nobody reads fills up, and then whoever
/// logs waits. What was read goes to the next supervisor.
/// </summary>
/// <param name="pipe">The reading end of the process's standard output.</param>
/// <param name="poller">Waits for output.</param>
internal sealed class OrphanOutput(FileDescriptor pipe, FdPoller poller) : IAsyncDisposable
{
    /// <summary>The most that is kept, in bytes. What comes after it is read and dropped: serving goes before logging.</summary>
    public const int KeptMaxBytes = 16 * 1024 * 1024;

    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _kept = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>Begins to read.</summary>
    public void Start() => _reading = ReadAsync();

    /// <summary>Stops reading.</summary>
    /// <returns>What was read, as a memory file; null when it was nothing.</returns>
    public async Task<FileDescriptor?> StopAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        return _kept.Length == 0
            ? null : MemoryFile.Create("midstream-output", _kept.GetBuffer().AsSpan(0, (int)_kept.Length));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        _stop.Dispose();
        await _kept.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        using var reader = OutputPipe.Adopt(pipe.Duplicate(), poller);
        var buffer = new byte[64 * 1024];
        try
        {
            while (await reader.ReadAsync(buffer, _stop.Token) is var count and > 0)
                _kept.Write(buffer, 0, Math.Min(count, KeptMaxBytes - (int)_kept.Length));
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            // Another supervisor reads on from here.
        }
    }
}
