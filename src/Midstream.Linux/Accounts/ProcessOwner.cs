// Who this process is, asked of the kernel once.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Tells as which user this process runs (geteuid(2)).</summary>
public static class ProcessOwner
{
    /// <summary>Gets the effective user id.</summary>
    public static uint Uid { get; } = Libc.geteuid();

    /// <summary>Gets whether it is the superuser.</summary>
    public static bool IsRoot => Uid == 0;
}
