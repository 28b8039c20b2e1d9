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
    private int[] _descriptors;

    /// <summary>Creates the list from the epoll descriptors this process has now.</summary>
    public EpollRegistrations() => _descriptors = Find();

    /// <summary>Gets the numbers of the epoll descriptors known at the last refresh.</summary>
    public IReadOnlyList<int> Descriptors => Volatile.Read(ref _descriptors);

    /// <summary>
    /// Looks for the epoll descriptors again. The runtime creates its own with the first asynchronous socket call.
    /// </summary>
    public void Refresh() => Volatile.Write(ref _descriptors, Find());

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

    private static int[] Find() =>
        [.. ProcessDescriptors.LinksOf(Environment.ProcessId)
            .Where(descriptor => descriptor.Link == "anon_inode:[eventpoll]")
            .Select(descriptor => descriptor.Number)
            .Order()];
}
