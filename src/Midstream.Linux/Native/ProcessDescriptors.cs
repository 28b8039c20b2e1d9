// What the descriptors of a process point at, read from /proc/<pid>/fd (proc(5)).

using System.Globalization;

namespace Midstream.Linux.Native;

internal static class ProcessDescriptors
{
    /// <summary>
    /// Lists a process's descriptors; what cannot be read (another user's, just closed, just ended) is left out.
    /// </summary>
    internal static IEnumerable<(int Number, string Link)> LinksOf(int pid)
    {
        foreach (var path in EntriesOf($"/proc/{pid}/fd"))
        {
            if (LinkOf(path) is { } link && int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number))
                yield return (number, link);
        }
    }

    internal static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Closed between the listing and the reading.
        }
    }

    private static string[] EntriesOf(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // The process has ended, or belongs to somebody else.
        }
    }
}
