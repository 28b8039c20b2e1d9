// A socket that moves to another process must leave this process's epoll sets first, or this process is woken for it for ever.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Removes sockets from every epoll set of this process, those of the .NET runtime included. Thread-safe.
/// </summary>
/// <remarks>
/// An epoll registration follows the open file, not the descriptor: it ends only when the last descriptor of the file, in any
/// process, is closed (epoll(7), Q6). .NET never deregisters a socket but relies on close(2). After a connection was sent to
/// another process the sender would therefore be woken for each of its events; measured, that cost a fifth of a core.
/// </remarks>
public sealed class EpollRegistrations
{
    // Made once: when connections leave there may be no descriptor left for it.
    private static readonly FileDescriptor s_inNoSet = FileDescriptor.Owning(
        Libc.eventfd(0, Abi.EFD_CLOEXEC | Abi.EFD_NONBLOCK), "eventfd", "Cannot look for epoll descriptors");

    private int[] _descriptors;

    /// <summary>Creates the list from the epoll descriptors this process has now.</summary>
    public EpollRegistrations() => _descriptors = Find() ?? [];

    /// <summary>Gets the numbers of the epoll descriptors known at the last refresh.</summary>
    public IReadOnlyList<int> Descriptors => Volatile.Read(ref _descriptors);

    /// <summary>
    /// Looks for the epoll descriptors again. The runtime creates its own with the first asynchronous socket call. Without a
    /// descriptor left to look with, those known before stay.
    /// </summary>
    public void Refresh()
    {
        if (Find() is { } found)
            Volatile.Write(ref _descriptors, found);
    }

    /// <summary>Removes a socket from all known epoll sets; call it right before the descriptor is closed.</summary>
    /// <param name="socket">The socket; no call may be pending on it, since its completion would never be reported.</param>
    /// <returns>The number of sets the socket was in.</returns>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public unsafe int Remove(SafeHandle socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        var removed = 0;
        foreach (var epoll in Volatile.Read(ref _descriptors))
        {
            // ENOENT: not in this set. EBADF, EINVAL: the set is gone, or its number means something else now.
            if (Libc.epoll_ctl(epoll, Abi.EPOLL_CTL_DEL, socket, null) == 0)
                removed++;
        }

        return removed;
    }

    // Asked of each number by the one call that only an epoll set answers in its own way. To list the descriptors and read where
    // each points takes a hundred times as long: with thousands of connections a fifth of a second, in which none of them moves.
    private static unsafe int[]? Find()
    {
        if (ProcessDescriptors.TableSize() is not { } end)
            return null;
        var found = new List<int>();
        for (var number = 0; number < end; number++)
        {
            if (Libc.epoll_ctl(number, Abi.EPOLL_CTL_DEL, s_inNoSet, null) == -1 && Calls.LastError == Errno.ENOENT)
                found.Add(number);
        }

        return [.. found];
    }
}
