// Asks the kernel which socket a Unix socket is connected to, and which file it is bound to (sock_diag(7)).
// SO_PEERCRED would name the process that called listen(2), the supervisor, whichever worker answers.

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static unsafe class UnixPeers
{
    private const int HeaderBytes = 16;  // struct nlmsghdr
    private const int RequestBytes = 24; // struct unix_diag_req
    private const int AnswerBytes = 16;  // struct unix_diag_msg
    private const int AttributeBytes = 4; // struct nlattr

    /// <summary>Finds the inode of the peer; 0 when it is not accepted yet, null when the kernel cannot tell.</summary>
    internal static ulong? InodeOfPeer(SafeHandle socket) => Ask(socket, Abi.UDIAG_SHOW_PEER, Abi.UNIX_DIAG_PEER);

    /// <summary>
    /// Finds the inode of the file a socket is bound to, wherever that has been moved; null when the kernel cannot tell.
    /// </summary>
    internal static ulong? InodeOfFile(SafeHandle socket) => Ask(socket, Abi.UDIAG_SHOW_VFS, Abi.UNIX_DIAG_VFS);

    /// <summary>Asks for one attribute, which begins with an inode.</summary>
    private static ulong? Ask(SafeHandle socket, int show, int attribute)
    {
        var number = Libc.socket(Abi.AF_NETLINK, Abi.SOCK_RAW | Abi.SOCK_CLOEXEC, Abi.NETLINK_SOCK_DIAG);
        if (number == -1 && Calls.LastError == Errno.EAFNOSUPPORT)
            return null; // Forbidden by a sandbox such as systemd's RestrictAddressFamilies, or not built into the kernel.
        using var netlink = FileDescriptor.Owning(number, "socket(AF_NETLINK)", "Cannot ask for a Unix socket's peer");
        var request = Request(InodeOf(socket), show);
        var answer = new byte[4096];
        nint received;
        fixed (byte* question = request, buffer = answer)
        {
            Calls.Check(
                (int)Libc.sendto(netlink, question, (nuint)request.Length, 0, null, 0), "sendto(AF_NETLINK)",
                "Cannot ask for a Unix socket's peer");
            do
                received = Libc.recv(netlink, buffer, (nuint)answer.Length, 0);
            while (Calls.Interrupted(received));
        }

        Calls.Check((int)received, "recv(AF_NETLINK)", "Cannot ask for a Unix socket's peer");
        return InodeIn(answer.AsSpan(0, (int)received), attribute);
    }

    private static uint InodeOf(SafeHandle socket)
    {
        using var held = new HandleReferences([socket]);
        var link = ProcessDescriptors.LinkOf($"/proc/self/fd/{socket.DangerousGetHandle()}") ?? "";
        return uint.Parse(link.AsSpan("socket:[".Length).TrimEnd(']'), CultureInfo.InvariantCulture);
    }

    private static byte[] Request(uint inode, int show)
    {
        var request = new byte[HeaderBytes + RequestBytes];
        BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
        BinaryPrimitives.WriteInt16LittleEndian(request.AsSpan(4), Abi.SOCK_DIAG_BY_FAMILY);
        BinaryPrimitives.WriteInt16LittleEndian(request.AsSpan(6), Abi.NLM_F_REQUEST);
        var body = request.AsSpan(HeaderBytes);
        body[0] = Abi.AF_UNIX;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], uint.MaxValue); // all states
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], inode);
        BinaryPrimitives.WriteInt32LittleEndian(body[12..], show);
        body[16..].Fill(0xFF); // no cookie: whichever socket has the inode
        return request;
    }

    private static ulong? InodeIn(ReadOnlySpan<byte> answer, int attribute)
    {
        if (answer.Length < HeaderBytes + AnswerBytes || BinaryPrimitives.ReadInt16LittleEndian(answer[4..]) == Abi.NLMSG_ERROR)
            return null; // A kernel without unix_diag, or the socket has gone.
        var attributes = answer[(HeaderBytes + AnswerBytes)..];
        while (attributes.Length >= AttributeBytes + sizeof(uint))
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            if (BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) == attribute)
                return BinaryPrimitives.ReadUInt32LittleEndian(attributes[AttributeBytes..]);
            attributes = attributes[Math.Min(attributes.Length, Math.Max(AttributeBytes, (length + 3) & ~3))..];
        }

        return null;
    }
}
