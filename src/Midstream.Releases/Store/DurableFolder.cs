using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Midstream.Releases;

// Makes the names in a folder survive a power loss: fsync(2) on a file does not promise that its directory entry is on disk.
//
// The base library opens no handle on a folder, but its enumerator holds one: it is found in /proc/self/fd by the folder's
// name (proc(5)) and flushed. While the enumerator is open its descriptor cannot be anyone else's. Other descriptors may
// show the same name, and may be closed and used for something else meanwhile; flushing one of those is harmless.

internal static class DurableFolder
{
    private const string OpenDescriptors = "/proc/self/fd";

    /// <summary>Waits until the folder's entries are on disk.</summary>
    /// <exception cref="IOException">They could not be written, or /proc is not mounted.</exception>
    public static void Flush(string folder)
    {
        var name = RealPath.Of(folder);
        using var held = Directory.EnumerateFileSystemEntries(name).GetEnumerator();
        var flushed = 0;
        foreach (var link in Directory.EnumerateFileSystemEntries(OpenDescriptors))
        {
            if (TargetOf(link) == name && TryFlush(link, name))
                flushed++;
        }
        if (flushed == 0)
            throw new IOException($"The folder '{folder}' could not be flushed to disk, because it is not in {OpenDescriptors}.");
    }

    // A descriptor that stopped being the folder's meanwhile was not ours: what it answers does not count.
    private static bool TryFlush(string link, string name)
    {
        try
        {
            var descriptor = int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture);
            using var handle = new SafeFileHandle(descriptor, ownsHandle: false);
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error) && TargetOf(link) != name)
        {
            return false;
        }
        return TargetOf(link) == name;
    }

    private static string? TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            return null; // Closed since it was listed.
        }
    }
}
