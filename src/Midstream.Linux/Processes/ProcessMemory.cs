// How much memory a process really holds, by which a worker that grows past its limit is found.

using System.Globalization;

namespace Midstream.Linux;

/// <summary>Measures the memory of processes. Thread-safe.</summary>
public static class ProcessMemory
{
    /// <summary>Reads a process's resident memory: all pages it has in memory, shared ones included (proc(5), statm).</summary>
    /// <param name="pid">The process.</param>
    /// <returns>In bytes, exact to some hundred KiB; null when there is no such process. 0 for one that has ended but is not
    /// reaped.</returns>
    public static long? Resident(int pid)
    {
        try
        {
            var pages = File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1];
            return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a process's share of memory: a page that several processes have counts for each as its part of it
    /// (proc(5), smaps_rollup, Pss). The kernel looks at every page for it, some 10 ms for a GiB.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>In bytes; null when there is no such process, it has ended, or it may not be looked at.</returns>
    public static long? Proportional(int pid)
    {
        try
        {
            const string Field = "Pss:";
            var line = File.ReadLines($"/proc/{pid}/smaps_rollup")
                .First(text => text.StartsWith(Field, StringComparison.Ordinal));
            var kibibytes = line[Field.Length..].Replace("kB", "", StringComparison.Ordinal);
            return long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return null; // Without memory, as an ended process is, the file is empty or gives ESRCH.
        }
    }
}
