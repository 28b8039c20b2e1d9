// pipe(2), apart from the rest because only OutputPipe needs it.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static unsafe partial class Libc
{
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int pipe2(int* ends, int flags);
}
