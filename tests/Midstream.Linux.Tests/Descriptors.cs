// The bare calls with which a test looks at, or misuses, a descriptor.

using System.Runtime.InteropServices;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux.Tests;

internal static unsafe class Descriptors
{
    internal static bool IsCloseOnExec(FileDescriptor descriptor) => Libc.fcntl(descriptor, Abi.F_GETFD, 0) == Abi.FD_CLOEXEC;

    internal static bool IsOpen(int number) => Libc.fcntl(number, Abi.F_GETFD, 0) != -1;

    internal static bool IsNonBlocking(FileDescriptor descriptor) =>
        (Libc.fcntl(descriptor, Abi.F_GETFL, 0) & Abi.O_NONBLOCK) != 0;

    internal static string LinkOf(SafeHandle descriptor) =>
        new FileInfo($"/proc/self/fd/{descriptor.DangerousGetHandle()}").LinkTarget!;

    internal static FileDescriptor UnsealedMemoryFile() =>
        FileDescriptor.Owning(Libc.memfd_create("unsealed", Abi.MFD_CLOEXEC | Abi.MFD_ALLOW_SEALING), "memfd_create", "");

    internal static void Leak(SafeHandle descriptor) => Assert.Equal(0, Libc.fcntl(descriptor, Abi.F_SETFD, 0));

    internal static string ReadText(SafeHandle descriptor)
    {
        var buffer = stackalloc byte[4096];
        var count = Libc.read(descriptor, buffer, 4096);
        Assert.True(count >= 0);
        return Encoding.UTF8.GetString(buffer, (int)count);
    }

    internal static void Write(SafeHandle descriptor, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* buffer = bytes)
            Assert.Equal(bytes.Length, (int)Libc.write(descriptor, buffer, (nuint)bytes.Length));
    }

    internal static void Bind(FileDescriptor socket, string address)
    {
        using var target = UnixAddress.OfAbstract(address);
        fixed (byte* bytes = target.Bytes)
            Assert.Equal(0, Libc.bind(socket, bytes, (uint)target.Bytes.Length));
    }

    internal static (string Text, List<FileDescriptor> Received) ReceiveRaw(FileDescriptor socket)
    {
        byte[] payload = new byte[4096], control = new byte[4096];
        fixed (byte* payloadBytes = payload, controlBytes = control)
        {
            var vector = new IoVector { Base = payloadBytes, Length = (nuint)payload.Length };
            var header = new MessageHeader
            {
                Vectors = &vector, VectorCount = 1, Control = controlBytes, ControlLength = (nuint)control.Length,
            };
            var received = (int)Libc.recvmsg(socket, &header, Abi.MSG_CMSG_CLOEXEC | Abi.MSG_DONTWAIT);
            Assert.True(received >= 0);
            return (Encoding.UTF8.GetString(payload, 0, received), ControlMessages.Read(header).Descriptors);
        }
    }

    /// <summary>Sends a message as a peer would that keeps none of the channel's limits.</summary>
    internal static void SendRaw(SafeHandle socket, int bytes, IReadOnlyList<SafeHandle> descriptors)
    {
        var control = new byte[ControlMessages.Space(descriptors.Count * sizeof(int)) + 16];
        var payload = new byte[bytes];
        fixed (byte* controlBytes = control, payloadBytes = payload)
        {
            var vector = new IoVector { Base = payloadBytes, Length = (nuint)bytes };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Count > 0)
            {
                header.ControlLength = (nuint)ControlMessages.WriteRights(controlBytes, descriptors);
                header.Control = controlBytes;
            }

            Assert.Equal(bytes, (int)Libc.sendmsg(socket, &header, Abi.MSG_NOSIGNAL));
        }
    }
}
