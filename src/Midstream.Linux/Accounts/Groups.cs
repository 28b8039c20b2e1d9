// Names of groups in configuration become numbers, as the system's name service says.

using System.Globalization;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Looks groups up (getgrnam_r(3)). Thread-safe.</summary>
public static unsafe class Groups
{
    /// <summary>Finds a group by name or, when none has that name, by number. A number needs no name.</summary>
    /// <param name="nameOrNumber">The group's name or number.</param>
    /// <returns>The number; null when there is no such group.</returns>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static uint? TryFind(string nameOrNumber) => TryGetId(nameOrNumber)
        ?? (uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);

    /// <summary>Finds a group's number.</summary>
    /// <param name="name">The group's name.</param>
    /// <returns>The number; null when there is no such group.</returns>
    /// <exception cref="LinuxException">The name service failed.</exception>
    public static uint? TryGetId(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        uint? gid = null;
        AccountLookup.Run("getgrnam_r", name, (buffer, length) =>
        {
            GroupEntry entry;
            GroupEntry* found;
            var error = Libc.getgrnam_r(name, &entry, (byte*)buffer, length, &found);
            gid = found is null ? null : entry.Gid;
            return error;
        });
        return gid;
    }
}
