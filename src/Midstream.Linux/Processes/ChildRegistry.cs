// Which children somebody in this process waits for. What is not here, and not the base library's, is an orphan.

namespace Midstream.Linux;

/// <summary>Knows the children that a <see cref="ChildProcess"/> reaps. Thread-safe.</summary>
internal static class ChildRegistry
{
    private static readonly HashSet<int> s_watched = [];

    /// <summary>
    /// Gets the lock under which children are started and orphans are reaped, so that a child cannot end, and be taken for an
    /// orphan, between its start and its registration.
    /// </summary>
    internal static Lock Gate { get; } = new();

    /// <summary>Registers a child; false when somebody watches it already, since only one can reap it.</summary>
    internal static bool TryAdd(int pid)
    {
        lock (Gate)
            return s_watched.Add(pid);
    }

    internal static void Remove(int pid)
    {
        lock (Gate)
            s_watched.Remove(pid);
    }

    internal static bool Contains_NeedsLock(int pid) => s_watched.Contains(pid);
}
