// Builds and takes apart the ancillary data of socket messages (cmsg(3), unix(7)): descriptors and credentials.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

internal static unsafe class ControlMessages
{
    private static int HeaderSize => sizeof(ControlHeader);

    /// <summary>CMSG_SPACE: the room one message with this many bytes of data takes.</summary>
    internal static int Space(int dataLength) => HeaderSize + Align(dataLength);

    /// <summary>Writes an SCM_RIGHTS message and returns its length. The caller keeps the handles referenced.</summary>
    internal static int WriteRights(byte* control, IReadOnlyList<SafeHandle> descriptors)
    {
        var header = (ControlHeader*)control;
        header->Length = (nuint)(HeaderSize + (descriptors.Count * sizeof(int)));
        header->Level = Abi.SOL_SOCKET;
        header->Type = Abi.SCM_RIGHTS;
        var numbers = (int*)(control + HeaderSize);
        for (var i = 0; i < descriptors.Count; i++)
            numbers[i] = (int)descriptors[i].DangerousGetHandle();
        return Space(descriptors.Count * sizeof(int));
    }

    /// <summary>Takes the ownership of all descriptors received, and the sender's credentials if there are any.</summary>
    internal static (List<FileDescriptor> Descriptors, UserCredentials? Sender) Read(in MessageHeader message)
    {
        List<FileDescriptor> descriptors = [];
        UserCredentials? sender = null;
        var offset = 0;
        while (offset + HeaderSize <= (int)message.ControlLength)
        {
            var header = (ControlHeader*)(message.Control + offset);
            var dataLength = (int)header->Length - HeaderSize;
            if (dataLength < 0)
                break;
            var data = message.Control + offset + HeaderSize;
            if (header->Level == Abi.SOL_SOCKET && header->Type == Abi.SCM_RIGHTS)
                TakeAll(new ReadOnlySpan<int>(data, dataLength / sizeof(int)), descriptors);
            if (header->Level == Abi.SOL_SOCKET && header->Type == Abi.SCM_CREDENTIALS)
                sender = *(UserCredentials*)data;
            offset += Space(dataLength);
        }

        return (descriptors, sender);
    }

    private static void TakeAll(ReadOnlySpan<int> numbers, List<FileDescriptor> descriptors)
    {
        foreach (var number in numbers)
            descriptors.Add(FileDescriptor.Owning(number, "recvmsg", "A descriptor was not received"));
    }

    private static int Align(int length) => (length + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1);
}
