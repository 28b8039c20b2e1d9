// Whether a process is about to end, read from /proc/<pid>/stat and status (proc(5)). After kill -9 it still holds its files and
// locks until the last of its threads has ended; its first thread is a zombie by then, or on its way to be one.

using System.Globalization;

namespace Midstream.Linux;

/// <summary>Tells processes that are about to end from those that live.</summary>
public static class ProcessEnd
{
    private const int FlagsField = 6;
    private const uint PF_EXITING = 0x4; // include/linux/sched.h: it runs the kernel's way out.

    /// <summary>Tells whether a process has ended, or nothing keeps it from ending any more.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>True when there is none of that number, its first thread has ended, or a SIGKILL waits for it. For an instant
    /// within its way out a process looks as if it lived.</returns>
    public static bool HasBegun(int pid)
    {
        try
        {
            return HasBegun(File.ReadAllText($"/proc/{pid}/stat"), File.ReadLines($"/proc/{pid}/status"));
        }
        catch (IOException)
        {
            return true; // There is no file; or it ends while the file is read, which is ESRCH.
        }
        catch (UnauthorizedAccessException)
        {
            return false; // It is hidden (hidepid), not gone.
        }
    }

    internal static bool HasBegun(string stat, IEnumerable<string> status)
    {
        // The name, in parentheses, may hold anything, parentheses and spaces too; the fields start after the last one.
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields is ["Z" or "X" or "x", ..]
            || (fields.Length > FlagsField && (uint.Parse(fields[FlagsField], CultureInfo.InvariantCulture) & PF_EXITING) != 0)
            || status.Any(IsWaitingToBeKilled);
    }

    // "SigPnd:	0000000000000100" for the thread, ShdPnd for the process: a bit for each signal, from 1 on.
    private static bool IsWaitingToBeKilled(string line) =>
        (line.StartsWith("SigPnd:", StringComparison.Ordinal) || line.StartsWith("ShdPnd:", StringComparison.Ordinal))
        && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var pending)
        && (pending & (1UL << (Signal.SIGKILL - 1))) != 0;
}
