// The name service's reentrant functions want a buffer whose size only trying tells: a group may have thousands of members.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static unsafe class AccountLookup
{
    private const int FirstBytes = 1024;
    private const int MaximumBytes = 16 * 1024 * 1024;

    /// <summary>Repeats a look-up with a larger buffer while it returns ERANGE. "Not found" is no error.</summary>
    internal static void Run(string call, string what, Func<nint, nuint, int> lookUp)
    {
        for (var size = FirstBytes; ; size *= 4)
        {
            var error = RunOnce((nuint)size, lookUp);
            if (error == Errno.EINTR || (error == Errno.ERANGE && size < MaximumBytes))
                continue;
            // getpwnam(3): these, too, are how some name services say "not found".
            if (error is not (0 or Errno.ENOENT or Errno.ESRCH or Errno.EBADF or Errno.EPERM))
                throw new LinuxException(error, call, $"Cannot look up {what}");
            return;
        }
    }

    private static int RunOnce(nuint size, Func<nint, nuint, int> lookUp)
    {
        var buffer = NativeMemory.Alloc(size);
        try
        {
            return lookUp((nint)buffer, size);
        }
        finally
        {
            NativeMemory.Free(buffer);
        }
    }
}
