// Another user's way into a folder that belongs to its owner alone: the group may enter, and nobody sees what is there.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Lets a group into folders, and finds the folder that keeps a user out. By modes alone (chmod(2)); access control
/// lists are not looked at.</summary>
public static class FolderAccess
{
    private const UnixFileMode GroupMayEnter =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    /// <summary>Gives a folder to a group that may go through it, but not list it: mode 0710.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="gid">The group.</param>
    /// <exception cref="LinuxException">Its group cannot be set (EPERM).</exception>
    public static void LetGroupEnter(string folder, uint gid)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Calls.Check(Libc.lchown(folder, uint.MaxValue, gid), "lchown", $"Cannot set the group of {folder}");
        File.SetUnixFileMode(folder, GroupMayEnter);
    }

    /// <summary>Finds the first folder on the way that a user may not enter.</summary>
    /// <param name="folder">The end of the way; an absolute path.</param>
    /// <param name="uid">The user.</param>
    /// <param name="gid">The user's group.</param>
    /// <returns>The folder; null when all may be entered.</returns>
    /// <exception cref="LinuxException">One cannot be looked at.</exception>
    public static string? FirstClosedTo(string folder, uint uid, uint gid)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Path.GetDirectoryName(folder) is { } above && FirstClosedTo(above, uid, gid) is { } closed
            ? closed : MayEnter(folder, uid, gid) ? null : folder;
    }

    private static bool MayEnter(string folder, uint uid, uint gid)
    {
        Calls.Check(
            Libc.statx(Abi.AT_FDCWD, folder, 0, Abi.STATX_BASIC_STATS, out var status), "statx", $"Cannot look at {folder}");
        var needed = uid == status.Uid ? UnixFileMode.UserExecute
            : gid == status.Gid ? UnixFileMode.GroupExecute : UnixFileMode.OtherExecute;
        return uid == 0 || ((UnixFileMode)status.Mode).HasFlag(needed);
    }
}
