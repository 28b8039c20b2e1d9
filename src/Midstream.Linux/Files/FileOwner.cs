// Whether a file can be trusted with what this process may do: whoever may write it could run code as its user.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Tells who may change files. By owner and mode alone (statx(2)); access control lists are not looked at.</summary>
public static class FileOwner
{
    private const UnixFileMode OthersMayWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Tells whether a file is root's or this user's, and nobody else may write it. Links are followed.</summary>
    /// <param name="path">The file.</param>
    /// <returns>False also when there is none.</returns>
    public static bool IsOnlyOurs(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Libc.statx(Abi.AT_FDCWD, path, 0, Abi.STATX_BASIC_STATS, out var status) == 0
            && (status.Uid == 0 || status.Uid == ProcessOwner.Uid)
            && ((UnixFileMode)status.Mode & OthersMayWrite) == 0;
    }
}
