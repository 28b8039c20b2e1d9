// The owner of one descriptor. Every descriptor of this product has exactly one, is closed by close(2) alone, and never leaks
// into a child by accident.

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Owns one descriptor, which has close-on-exec set. Disposing closes it by close(2) and nothing else: no shutdown(2), no
/// SO_LINGER, so that an open file shared with another process is left as it is. Thread-safe as any <see cref="SafeHandle"/>.
/// </summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    private FileDescriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Gets the descriptor's number. Valid only as long as this owner is neither disposed nor collected.</summary>
    /// <exception cref="ObjectDisposedException">The descriptor is closed.</exception>
    public int Number
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (int)handle;
        }
    }

    /// <summary>Takes the ownership of an open descriptor, such as an inherited one, and sets close-on-exec on it.</summary>
    /// <param name="number">The descriptor's number; nobody else may close it from now on.</param>
    /// <returns>The owner.</returns>
    /// <exception cref="LinuxException">The number is no open descriptor (EBADF).</exception>
    public static FileDescriptor Take(int number)
    {
        Calls.Check(Libc.fcntl(number, Abi.F_SETFD, Abi.FD_CLOEXEC), "fcntl(F_SETFD)", $"Cannot take descriptor {number}");
        return new FileDescriptor(number);
    }

    /// <summary>Duplicates the descriptor of any handle, with close-on-exec set (F_DUPFD_CLOEXEC).</summary>
    /// <param name="handle">The handle; remains its owner's.</param>
    /// <returns>The owner of the duplicate.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static FileDescriptor DuplicateOf(SafeHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        return DuplicateAbove(handle, 0);
    }

    /// <summary>Duplicates this descriptor, with close-on-exec set.</summary>
    /// <returns>The owner of the duplicate.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    /// <exception cref="ObjectDisposedException">This descriptor is closed.</exception>
    public FileDescriptor Duplicate() => DuplicateAbove(this, 0);

    /// <summary>
    /// Sets or clears O_NONBLOCK. It belongs to the open file, so every process that shares it sees the change (fcntl(2)).
    /// </summary>
    /// <param name="value">Whether calls return EAGAIN instead of waiting.</param>
    /// <exception cref="LinuxException">The call failed.</exception>
    public void SetNonBlocking(bool value = true)
    {
        var flags = Calls.Check(Libc.fcntl(this, Abi.F_GETFL, 0), "fcntl(F_GETFL)", $"Cannot read the flags of {this}");
        var wanted = value ? flags | Abi.O_NONBLOCK : flags & ~Abi.O_NONBLOCK;
        if (wanted != flags)
            Calls.Check(Libc.fcntl(this, Abi.F_SETFL, wanted), "fcntl(F_SETFL)", $"Cannot set the flags of {this}");
    }

    /// <inheritdoc/>
    public override string ToString() => IsClosed ? "a closed descriptor" : $"descriptor {handle}";

    /// <summary>Duplicates above a number, which keeps the duplicate out of a range that is about to be overwritten.</summary>
    internal static FileDescriptor DuplicateAbove(SafeHandle handle, int minimum) =>
        Owning(Libc.fcntl(handle, Abi.F_DUPFD_CLOEXEC, minimum), "fcntl(F_DUPFD_CLOEXEC)", "Cannot duplicate a descriptor");

    /// <summary>Owns the result of a call that returned a new descriptor with close-on-exec set, or throws for -1.</summary>
    internal static FileDescriptor Owning(int result, string call, string what) => new(Calls.Check(result, call, what));

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // Never repeated: on Linux the number is free even when close(2) reports EINTR or an I/O error.
        Libc.close((int)handle);
        return true;
    }
}
