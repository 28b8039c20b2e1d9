using System.Diagnostics;

namespace Midstream.TestKit;

/// <summary>What tests do to processes by their ids, and what they read of them in /proc.</summary>
public static class Processes
{
    /// <summary>Sends a signal.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">The signal's name without SIG.</param>
    public static void Signal(int pid, string name)
    {
        using var kill = Process.Start("/bin/kill", [$"-{name}", $"{pid}"]);
        kill.WaitForExit();
    }

    /// <summary>Says whether a process exists and is no zombie. One whose first thread is, while others have still to end, holds
    /// its files and locks.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>True when any of it runs.</returns>
    public static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] != 'Z' || Directory.EnumerateDirectories($"/proc/{pid}/task").Skip(1).Any();
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads which processes a process has started and not let go of.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>The ids of its children, zombies included.</returns>
    public static IReadOnlyList<int> Children(int pid) =>
        [.. Directory.EnumerateDirectories($"/proc/{pid}/task")
            .Select(thread => File.ReadAllText(Path.Combine(thread, "children")))
            .SelectMany(children => children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(child => int.Parse(child, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Reads what a process's open descriptors lead to.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>The number and target of each.</returns>
    public static IReadOnlyList<(int Number, string Target)> Descriptors(int pid)
    {
        var found = new List<(int, string)>();
        foreach (var link in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
        {
            // One that was closed meanwhile does not count.
            if (new FileInfo(link).LinkTarget is { } target)
                found.Add((int.Parse(Path.GetFileName(link), System.Globalization.CultureInfo.InvariantCulture), target));
        }

        return found;
    }

    /// <summary>Reads a number from a process's /proc/PID/status.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="field">The field, as <c>VmRSS</c> (in KiB) or <c>Threads</c>.</param>
    /// <returns>The number.</returns>
    public static long Status(int pid, string field)
    {
        var line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith(field + ":", StringComparison.Ordinal));
        var number = line[(field.Length + 1)..].Replace("kB", "", StringComparison.Ordinal);
        return long.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a process's parent.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>The parent's id.</returns>
    public static int Parent(int pid) => (int)Status(pid, "PPid");
}
