using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Midstream.Releases;

// Copies or reads one regular file and hashes the very bytes that went through its hands, so that a hash can never belong
// to other bytes than those in the store.

internal static class FileCopy
{
    private const int BufferBytes = 1 << 20;

    private const UnixFileMode ReadOnly = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Writes a read-only copy and waits until it is on disk.</summary>
    /// <returns>The manifest's entry of what was copied.</returns>
    /// <exception cref="ReleaseStoreException">The source cannot be read or changed meanwhile.</exception>
    /// <exception cref="IOException">The copy cannot be written; also UnauthorizedAccessException.</exception>
    public static ManifestEntry Copy(string root, SourceEntry entry, string folder, CancellationToken cancellation)
    {
        using var source = OpenSource(root, entry);
        using var target = File.OpenHandle(Path.Combine(folder, entry.Path), FileMode.CreateNew, FileAccess.Write);
        var before = StampOf(source);
        var (hash, size) = Pump(
            (buffer, offset) => ReadSource(root, entry, source, buffer, offset),
            (bytes, offset) => RandomAccess.Write(target, bytes, offset),
            cancellation);
        if (StampOf(source) != before || before.Length != size)
            throw Changed(root, entry);
        File.SetUnixFileMode(target, entry.Executable ? ReadOnly | Execute : ReadOnly);
        RandomAccess.FlushToDisk(target);
        return new ManifestEntry(entry.Path, EntryKind.File, entry.Executable, size, hash);
    }

    /// <summary>Hashes a file as it is.</summary>
    /// <exception cref="IOException">It cannot be read; also UnauthorizedAccessException.</exception>
    public static ManifestEntry Read(string root, SourceEntry entry, CancellationToken cancellation)
    {
        using var file = File.OpenHandle(Path.Combine(root, entry.Path));
        var (hash, size) = Pump((buffer, offset) => RandomAccess.Read(file, buffer, offset), (_, _) => { }, cancellation);
        return new ManifestEntry(entry.Path, EntryKind.File, entry.Executable, size, hash);
    }

    private delegate int ReadAt(Span<byte> buffer, long offset);

    private delegate void WriteAt(ReadOnlySpan<byte> bytes, long offset);

    private static (string Hash, long SizeBytes) Pump(ReadAt read, WriteAt write, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long size = 0;
            for (int count; (count = read(buffer, size)) > 0; size += count)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                write(buffer.AsSpan(0, count), size);
            }
            return (Convert.ToHexStringLower(hash.GetHashAndReset()), size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static SafeFileHandle OpenSource(string root, SourceEntry entry)
    {
        try
        {
            return File.OpenHandle(Path.Combine(root, entry.Path));
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            throw Unreadable(root, entry, error);
        }
    }

    private static int ReadSource(string root, SourceEntry entry, SafeFileHandle source, Span<byte> buffer, long offset)
    {
        try
        {
            return RandomAccess.Read(source, buffer, offset);
        }
        catch (Exception error) when (UnixErrors.IsFromFileSystem(error))
        {
            throw Unreadable(root, entry, error);
        }
    }

    private static (long Length, DateTime WrittenAt) StampOf(SafeFileHandle file) =>
        (RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));

    private static ReleaseStoreException Unreadable(string root, SourceEntry entry, Exception error) => new(
        ReleaseStoreFailure.SourceRefused,
        $"'{entry.Path}' in '{root}' cannot be read ({error.Message}). Make it readable or remove it, then try again.",
        error)
    { RefusedPath = entry.Path };

    private static ReleaseStoreException Changed(string root, SourceEntry entry) => new(
        ReleaseStoreFailure.SourceRefused,
        $"'{entry.Path}' in '{root}' was changed while it was copied. Wait until the build has ended, then try again.")
    { RefusedPath = entry.Path };
}
