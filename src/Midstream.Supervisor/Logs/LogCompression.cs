using System.IO.Compression;
using Midstream.Linux;

namespace Midstream.Supervisor.Logs;

/// <summary>
/// Compresses rotated files (gzip, RFC 1952), one at a time and never on the path of a line. The compressed file takes the
/// place of the other only when it is whole and on disk.
/// </summary>
/// <param name="files">The files.</param>
/// <remarks>Thread-safe. A file that cannot be compressed, as on a full disk, stays as it is and is tried again after the next
/// rotation.</remarks>
internal sealed class LogCompression(LogFiles files) : IDisposable
{
    private static readonly TimeSpan s_endTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Gets a task that ends when there is nothing to compress, or it cannot be.</summary>
    public Task Idle
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    /// <summary>Compresses what there is to compress, in the background.</summary>
    public void Begin()
    {
        lock (_lock)
            _running = _running.ContinueWith(
                _ => CompressAll(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public void Dispose()
    {
        _ending.Cancel();
        Idle.Wait(s_endTimeout);
    }

    private void CompressAll()
    {
        try
        {
            while (!_ending.IsCancellationRequested && files.OpenUncompressed() is { } file)
            {
                using (file)
                    Compress(file);
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            // The file is whole, uncompressed; what was begun is overwritten by the next attempt.
        }
    }

    private void Compress(FileStream file)
    {
        using (var target = new FileStream(files.Unfinished, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            using (var compressing = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
                Copy(file, compressing);
            target.Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(target.SafeFileHandle, File.GetLastWriteTimeUtc(file.SafeFileHandle));
        }

        files.Publish(FileIdentity.Of(file.SafeFileHandle).Identity);
    }

    private void Copy(FileStream from, GZipStream to)
    {
        var block = new byte[64 * 1024];
        int count;
        while ((count = from.Read(block)) > 0)
        {
            _ending.Token.ThrowIfCancellationRequested();
            to.Write(block, 0, count);
        }
    }
}
