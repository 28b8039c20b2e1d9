using System.Diagnostics;

namespace Midstream.Releases;

// Held for the moments in which names in the store change, by one process at a time. The base library locks a file opened
// with FileShare.None by flock(2), which excludes other processes and other handles alike and ends with the process.

internal static class StoreLock
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits for the lock; disposing the result gives it back.</summary>
    /// <exception cref="ReleaseStoreException">Another process has held it for half a minute.</exception>
    public static FileStream Acquire(StoreLayout layout)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (TryHold(layout.LockFile) is { } held)
                return held;
            if (Stopwatch.GetElapsedTime(started) > s_longestWait)
                throw new ReleaseStoreException(
                    ReleaseStoreFailure.StoreUnusable,
                    $"The release store '{layout.Directory}' has been locked by another process for " +
                    $"{s_longestWait.TotalSeconds:0} s. Find it with 'fuser {layout.LockFile}', end it, then try again.");
            Thread.Sleep(s_pause);
        }
    }

    /// <summary>Creates the file if need be and locks it; null when another handle holds it.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static FileStream? TryHold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException error) when (error.HResult == UnixErrors.WouldBlock)
        {
            return null;
        }
    }
}
