// Who this process is, asked of the kernel once, and what it may do, asked each time.

using System.Globalization;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Tells as which user this process runs (geteuid(2)).</summary>
public static class ProcessOwner
{
    /// <summary>Gets the effective user id.</summary>
    public static uint Uid { get; } = Libc.geteuid();

    /// <summary>Gets the effective group id.</summary>
    public static uint Gid { get; } = Libc.getegid();

    /// <summary>Gets whether it is the superuser.</summary>
    public static bool IsRoot => Uid == 0;

    /// <summary>Tells whether this process has a capability (capabilities(7)); root in a container often has not.</summary>
    internal static bool Has(int capability)
    {
        const string Field = "CapEff:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        var held = ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (held & (1UL << capability)) != 0;
    }
}
