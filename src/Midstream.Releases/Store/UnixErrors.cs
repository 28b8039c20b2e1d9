namespace Midstream.Releases;

// The few error numbers the store tells apart. On Unix an IOException that has no .NET meaning carries errno in HResult.

internal static class UnixErrors
{
    private const int NoSpace = 28; // ENOSPC, errno(3)
    private const int QuotaExceeded = 122; // EDQUOT, errno(3)

    /// <summary>What flock(2) says of a file that someone else has locked: EWOULDBLOCK, errno(3).</summary>
    public const int WouldBlock = 11;

    public static bool IsDiskFull(Exception error) => error is IOException { HResult: NoSpace or QuotaExceeded };

    /// <summary>Whether the error is one that a file system gives, rather than a mistake of this program.</summary>
    public static bool IsFromFileSystem(Exception error) => error is IOException or UnauthorizedAccessException;
}
