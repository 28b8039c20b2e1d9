// struct sockaddr_un in its two forms: a path (through /proc when it is too long) and an abstract name (unix(7)).

using System.Runtime.InteropServices;
using System.Text;

namespace Midstream.Linux.Native;

internal sealed class UnixAddress : IDisposable
{
    private readonly FileDescriptor? _folder;

    private UnixAddress(ReadOnlySpan<byte> name, FileDescriptor? folder)
    {
        _folder = folder;
        Bytes = new byte[2 + name.Length];
        BitConverter.TryWriteBytes(Bytes, (ushort)Abi.AF_UNIX);
        name.CopyTo(Bytes.AsSpan(2));
    }

    /// <summary>Gets the address as the kernel reads it; valid until disposed.</summary>
    internal byte[] Bytes { get; }

    public void Dispose() => _folder?.Dispose();

    internal static UnixAddress OfPath(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) <= UnixSocketPath.MaximumDirectBytes)
            return new UnixAddress(Encoding.UTF8.GetBytes(path + "\0"), null);
        var folder = OpenFolder(path);
        var name = Encoding.UTF8.GetBytes($"/proc/self/fd/{folder.Number}/{Path.GetFileName(path)}\0");
        if (name.Length - 1 <= UnixSocketPath.MaximumDirectBytes)
            return new UnixAddress(name, folder);
        folder.Dispose();
        throw new LinuxException(Errno.ENAMETOOLONG, "bind", $"The socket's file name is too long: {path}");
    }

    /// <summary>Makes the address of an abstract name, written with a leading @ as in NOTIFY_SOCKET.</summary>
    internal static UnixAddress OfAbstract(string address) =>
        Encoding.UTF8.GetByteCount(address) <= UnixSocketPath.MaximumDirectBytes + 1
            ? new(Encoding.UTF8.GetBytes("\0" + address[1..]), null)
            : throw new LinuxException(Errno.ENAMETOOLONG, "connect", $"The abstract socket name is too long: {address}");

    internal static FileDescriptor Open(int type) =>
        FileDescriptor.Owning(Libc.socket(Abi.AF_UNIX, type | Abi.SOCK_CLOEXEC, 0), "socket", "Cannot create a Unix socket");

    /// <summary>Bounds how long connect(2) and send(2) wait; zero for no bound.</summary>
    internal static unsafe void SetSendTimeout(SafeHandle socket, TimeSpan timeout)
    {
        var value = new TimeValue { Seconds = (long)timeout.TotalSeconds, Microseconds = timeout.Milliseconds * 1000L };
        Calls.Check(
            Libc.setsockopt(socket, Abi.SOL_SOCKET, Abi.SO_SNDTIMEO, &value, (uint)sizeof(TimeValue)),
            "setsockopt(SO_SNDTIMEO)", "Cannot bound the waits of a socket");
    }

    private static FileDescriptor OpenFolder(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return FileDescriptor.Owning(
            Libc.open(folder, Abi.O_PATH | Abi.O_DIRECTORY | Abi.O_CLOEXEC, 0), "open", $"Cannot open the folder {folder}");
    }
}
