// The calls about processes and signals, apart from the rest because they change what a process is.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static unsafe partial class Libc
{
    [LibraryImport(Library, SetLastError = true)]
    internal static partial int madvise(void* address, nuint length, int advice);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int execve(string path, byte** arguments, byte** environment);

    /// <summary>Returns its error number.</summary>
    [LibraryImport(Library)]
    internal static partial int pthread_sigmask(int how, void* set, void* previous);

    [LibraryImport(Library)]
    internal static partial int sigaddset(void* set, int signal);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial nint signal(int number, nint action);

    [LibraryImport(Library)]
    internal static partial uint alarm(uint seconds);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    internal static partial int waitid(int idType, int id, SignalInfo* info, int options);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint pidfd_getfd(nint number, SafeHandle pidfd, int target, uint flags);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getrlimit(int resource, ResourceLimits* limits);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int getpriority(int which, uint who);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport(Library, SetLastError = true)]
    internal static partial int accept4(SafeHandle socket, byte* address, uint* length, int flags);
}
