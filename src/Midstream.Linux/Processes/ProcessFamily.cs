// Which processes a process has started, and those have in their turn, as far as the kernel still knows.

namespace Midstream.Linux;

/// <summary>Tells the processes of a tree from strangers.</summary>
public static class ProcessFamily
{
    // Deeper than any tree that was meant; the table changes while it is read, so it may look like a circle.
    private const int DepthMax = 256;

    /// <summary>Tells whether a process is another one, belongs to its process group or session, or descends from it. The first
    /// three hold also when a process in between has ended, which gives its children another parent.</summary>
    /// <param name="root">The other one.</param>
    /// <param name="pid">The process.</param>
    /// <returns>False also when the process has ended and was reaped: nothing is known of it any more.</returns>
    public static bool Contains(int root, int pid)
    {
        if (pid == root)
            return true;
        var process = pid > 0 ? ProcessStat.TryRead(pid) : null;
        if (process is { } member && (member.Group == root || member.Session == root))
            return true;
        for (var depth = 0; depth < DepthMax && process is { Parent: > 1 } child; depth++)
        {
            if (child.Parent == root)
                return true;
            process = ProcessStat.TryRead(child.Parent);
        }

        return false;
    }
}
