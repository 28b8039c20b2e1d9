// Lets go of the program's own pages: code that ran once, in a start or in a deployment, otherwise stays in a process for as long
// as it lives. The kernel keeps them in its cache, where it can take them back, and maps them again when they are next needed.

using System.Globalization;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Unmaps what this process has read of its program and libraries.</summary>
public static class ProgramPages
{
    /// <summary>Unmaps the pages of this process that are as they are in the program's files. Nothing is lost: what is used again
    /// is mapped again, without reading the disk as long as the kernel has it in its cache.</summary>
    /// <returns>The size of what was let go, in bytes; 0 where the kernel does not say what is mapped.</returns>
    public static unsafe long Release()
    {
        var released = 0L;
        foreach (var mapping in Unchanged(ReadMappings()))
        {
            // One that cannot be let go stays; this is thrift, not duty.
            if (Libc.madvise((void*)mapping.Start, (nuint)(mapping.End - mapping.Start), Abi.MADV_DONTNEED) == 0)
                released += mapping.Resident;
        }

        return released;
    }

    // A page that was written, as those with addresses in them are when a program is loaded, belongs to the process alone and
    // would be lost. It is counted as anonymous, also after its mapping was made read-only.
    private static IEnumerable<Mapping> Unchanged(IEnumerable<string> lines)
    {
        Mapping? current = null;
        foreach (var line in lines)
        {
            if (!IsField(line))
                current = Mapping.OfProgram(line);
            else if (current is not null && Kibibytes(line, "Rss:") is { } resident)
                current = current with { Resident = resident * 1024 };
            else if (current is { Resident: > 0 } && Kibibytes(line, "Anonymous:") == 0)
                yield return current;
        }
    }

    private static string[] ReadMappings()
    {
        try
        {
            return File.ReadAllLines("/proc/self/smaps");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // "Rss:   120 kB", in contrast to the line that a mapping begins with.
    private static bool IsField(string line) => line.AsSpan(0, Math.Max(0, line.IndexOf(' '))).EndsWith(":");

    private static long? Kibibytes(string line, string field) =>
        line.StartsWith(field, StringComparison.Ordinal)
            ? long.Parse(line.AsSpan(field.Length).TrimEnd("kB"), NumberStyles.Integer, CultureInfo.InvariantCulture)
            : null;

    private sealed record Mapping(nuint Start, nuint End, long Resident)
    {
        // START-END PERMISSIONS OFFSET DEVICE INODE PATH (proc(5)); null unless it is a private mapping of a file, read-only.
        public static Mapping? OfProgram(string line)
        {
            var parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (parts is not [var range, ['r', '-', _, 'p'], _, _, _, ['/', ..]])
                return null;
            var dash = range.IndexOf('-');
            return new Mapping(Address(range[..dash]), Address(range[(dash + 1)..]), 0);
        }

        private static nuint Address(string hexadecimal) =>
            nuint.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
