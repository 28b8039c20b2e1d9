// How many descriptors this process may still open: who takes connections over has to know before it says yes.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Tells how many descriptors this process has left. Thread-safe.</summary>
public static class DescriptorBudget
{
    /// <summary>Counts what is left of the soft limit (RLIMIT_NOFILE, getrlimit(2)).</summary>
    /// <returns>The number, at least 0. Other threads may open some meanwhile.</returns>
    /// <exception cref="LinuxException">The limit cannot be read.</exception>
    public static unsafe int Left()
    {
        ResourceLimits own;
        Calls.Check(Libc.getrlimit(Abi.RLIMIT_NOFILE, &own), "getrlimit", "Cannot read this process's limit of open files");
        // Counting takes a descriptor itself; who cannot count has none.
        return ProcessDescriptors.CountOf(Environment.ProcessId) is { } open
            ? (int)Math.Max(0, (long)Math.Min(own.Current, int.MaxValue) - open) : 0;
    }
}
