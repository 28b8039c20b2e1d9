using System.Formats.Tar;

namespace Midstream.Releases;

// Tells a regular file from a fifo, a socket or a device without opening it: opening a fifo waits for a writer for ever.
//
// The base library shows no file type, but its tar writer asks lstat(2) for one. Everything that is not a regular file has
// the size 0 (inode(7)), so only empty files are asked about, and no content is read.

internal static class FileTypes
{
    private const int TypeFlagOffset = 156; // Of a tar header: tar(5).
    private const int HeaderBytes = 512;

    /// <summary>Names what a file is when it is not a regular one ("a fifo"); null for a regular file.</summary>
    /// <param name="file">Neither a folder nor a link.</param>
    public static string? SpecialKindOf(FileInfo file)
    {
        if (file.Length > 0)
            return null;
        using var header = new MemoryStream(HeaderBytes);
        try
        {
            using var tar = new TarWriter(header, TarEntryFormat.Ustar, leaveOpen: true);
            tar.WriteEntry(file.FullName, "entry");
        }
        catch (IOException) when (header.Length == 0 && file.Exists)
        {
            return "a socket"; // The one type that tar knows no letter for.
        }
        return (TarEntryType)header.GetBuffer()[TypeFlagOffset] switch
        {
            TarEntryType.RegularFile => null,
            TarEntryType.Fifo => "a fifo",
            TarEntryType.CharacterDevice or TarEntryType.BlockDevice => "a device",
            var other => $"a special file ({other})",
        };
    }
}
