// What every call to the operating system needs around it: the error turned into an exception, or the repetition after a signal.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static class Calls
{
    internal static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>Returns the result of a call, or throws when it is -1.</summary>
    internal static int Check(int result, string call, string what) =>
        result == -1 ? throw LinuxException.Last(call, what) : result;

    /// <summary>Tells whether the call that returned <paramref name="result"/> was merely interrupted by a signal.</summary>
    internal static bool Interrupted(nint result) => result == -1 && LastError == Errno.EINTR;
}
