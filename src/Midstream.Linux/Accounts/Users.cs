// Names of users in configuration become numbers, and numbers in messages become names, as the system's name service says.

using System.Globalization;
using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Looks users up (getpwnam_r(3)). Thread-safe.</summary>
public static unsafe class Users
{
    /// <summary>Finds a user's number.</summary>
    /// <param name="name">The login name.</param>
    /// <returns>The number; null when there is no such user.</returns>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static uint? TryGetId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        uint? uid = null;
        AccountLookup.Run("getpwnam_r", name, (buffer, length) =>
        {
            UserEntry entry;
            UserEntry* found;
            var error = Libc.getpwnam_r(name, &entry, (byte*)buffer, length, &found);
            uid = found is null ? null : entry.Uid;
            return error;
        });
        return uid;
    }

    /// <summary>Finds a user by name or, when nobody has that name, by number.</summary>
    /// <param name="nameOrNumber">The login name or the number.</param>
    /// <returns>The user; null when there is none.</returns>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static UserAccount? TryFind(string nameOrNumber)
    {
        var uid = TryGetId(nameOrNumber);
        if (uid is null && !uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return null;
        return Find(uid ?? uint.Parse(nameOrNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>Finds a user's name.</summary>
    /// <param name="uid">The number.</param>
    /// <returns>The login name; null when the number has none.</returns>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static string? NameOf(uint uid) => Find(uid)?.Name;

    private static UserAccount? Find(uint uid)
    {
        UserAccount? user = null;
        AccountLookup.Run("getpwuid_r", $"user {uid}", (buffer, length) =>
        {
            UserEntry entry;
            UserEntry* found;
            var error = Libc.getpwuid_r(uid, &entry, (byte*)buffer, length, &found);
            user = found is null
                ? null
                : new UserAccount(Text(entry.Name), entry.Uid, entry.Gid, Text(entry.Home), Text(entry.Shell));
            return error;
        });
        return user;
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
