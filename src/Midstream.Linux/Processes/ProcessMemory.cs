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
}
