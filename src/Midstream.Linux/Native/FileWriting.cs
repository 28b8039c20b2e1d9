// Writes and reads whole spans at a place in a file, however many calls it takes.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static unsafe class FileWriting
{
    internal static void WriteAll(SafeHandle file, ReadOnlySpan<byte> content, long offset, string what)
    {
        fixed (byte* bytes = content)
        {
            for (var done = 0; done < content.Length;)
            {
                var written = Libc.pwrite(file, bytes + done, (nuint)(content.Length - done), offset + done);
                if (Calls.Interrupted(written))
                    continue;
                Calls.Check((int)Math.Min(written, int.MaxValue), "pwrite", what);
                done += (int)written;
            }
        }
    }

    /// <summary>Reads until the buffer is full or the file ends, and returns the number of bytes.</summary>
    internal static int ReadAll(SafeHandle file, Span<byte> buffer, long offset, string what)
    {
        var done = 0;
        fixed (byte* bytes = buffer)
        {
            while (done < buffer.Length)
            {
                var count = Libc.pread(file, bytes + done, (nuint)(buffer.Length - done), offset + done);
                if (Calls.Interrupted(count))
                    continue;
                if (Calls.Check((int)count, "pread", what) == 0)
                    break;
                done += (int)count;
            }
        }

        return done;
    }

    internal static long SizeOf(SafeHandle file, string what)
    {
        Calls.Check(
            Libc.statx(file, "", Abi.AT_EMPTY_PATH, Abi.STATX_BASIC_STATS, out var status), "statx", what);
        return (long)status.Size;
    }
}
