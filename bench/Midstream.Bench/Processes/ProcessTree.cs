using Midstream.Linux;

namespace Midstream.Bench.Processes;

/// <summary>The processes of a service, as /proc shows them: all that descend from this one and run.</summary>
internal static class ProcessTree
{
    /// <summary>Lists all descendants of this process that have not ended.</summary>
    public static IReadOnlyList<ProcessStat> Descendants() => DescendantsOf(Environment.ProcessId, ProcessStat.All());

    /// <summary>Lists the descendants of a process that have not ended.</summary>
    /// <param name="root">The process; not among the result.</param>
    /// <param name="all">Every process.</param>
    internal static IReadOnlyList<ProcessStat> DescendantsOf(int root, IEnumerable<ProcessStat> all)
    {
        var byParent = all.ToLookup(process => process.Parent);
        var found = new List<ProcessStat>();
        var parents = new Queue<int>([root]);
        while (parents.TryDequeue(out var parent))
        {
            foreach (var child in byParent[parent])
            {
                parents.Enqueue(child.Pid);
                if (child.State != 'Z')
                    found.Add(child);
            }
        }

        return found;
    }

    /// <summary>Says whether a process still runs; another one with its number does not count.</summary>
    /// <param name="process">The process as it was.</param>
    public static bool IsRunning(ProcessStat process) =>
        ProcessStat.TryRead(process.Pid) is { State: not 'Z' } now && now.StartTime == process.StartTime;
}
