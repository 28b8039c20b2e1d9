// One process as the kernel sees it, read from /proc/<pid>/stat (proc(5)). Its start time is what tells a process from a later
// one that got the same number.

using System.Globalization;

namespace Midstream.Linux;

/// <summary>Describes a process at the moment of reading.</summary>
/// <param name="Pid">The process.</param>
/// <param name="State">One letter of proc(5): R running, S sleeping, Z ended but not reaped.</param>
/// <param name="Parent">The parent process.</param>
/// <param name="Group">The process group.</param>
/// <param name="Session">The session.</param>
/// <param name="StartTime">When it started, in clock ticks after boot; with the pid it identifies the process for ever.</param>
public readonly record struct ProcessStat(int Pid, char State, int Parent, int Group, int Session, ulong StartTime)
{
    /// <summary>Reads one process.</summary>
    /// <param name="pid">The process.</param>
    /// <returns>The process, ended but unreaped ones included; null when there is none with that number.</returns>
    public static ProcessStat? TryRead(int pid)
    {
        try
        {
            return Parse(pid, File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // ESRCH comes as an I/O error when the process ends while the file is read.
        }
    }

    /// <summary>Lists the processes of a group.</summary>
    /// <param name="group">The process group.</param>
    /// <returns>Its members, ended but unreaped ones included.</returns>
    public static IEnumerable<ProcessStat> OfGroup(int group) => All().Where(process => process.Group == group);

    /// <summary>Lists every process this one can see.</summary>
    /// <returns>The processes, ended but unreaped ones included.</returns>
    public static IEnumerable<ProcessStat> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && TryRead(pid) is { } process)
                yield return process;
        }
    }

    private static ProcessStat? Parse(int pid, string text)
    {
        // The name, in parentheses, may hold anything, parentheses and spaces too; the fields start after the last one.
        const int StartTimeField = 19;
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= StartTimeField)
            return null;
        int Number(int index) => int.Parse(fields[index], CultureInfo.InvariantCulture);
        return new ProcessStat(
            pid, fields[0][0], Number(1), Number(2), Number(3),
            ulong.Parse(fields[StartTimeField], CultureInfo.InvariantCulture));
    }
}
