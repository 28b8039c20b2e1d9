// The one place where an error number of the operating system becomes an exception, so that each says the same three things.

using System.Runtime.InteropServices;

namespace Midstream.Linux;

/// <summary>Reports that a call to the operating system failed: what was attempted on what, the call, and its error.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Creates the exception for a known error number.</summary>
    /// <param name="errno">The error number; one of <see cref="Linux.Errno"/> or any other.</param>
    /// <param name="call">The name of the call that failed, as the manual spells it.</param>
    /// <param name="what">What happened to what, as a sentence without its full stop.</param>
    public LinuxException(int errno, string call, string what)
        : base($"{what}: {call} failed with {Linux.Errno.NameOf(errno)} ({Marshal.GetPInvokeErrorMessage(errno)}).")
    {
        Errno = errno;
        Call = call;
    }

    /// <summary>Gets the error number (errno(3)).</summary>
    public int Errno { get; }

    /// <summary>Gets the name of the call that failed.</summary>
    public string Call { get; }

    /// <summary>Creates the exception for the call that has just failed on this thread.</summary>
    internal static LinuxException Last(string call, string what) => new(Marshal.GetLastPInvokeError(), call, what);
}
