// The structures the C library and the kernel read and write, field by field. A test compiles C and compares every offset.

using System.Runtime.InteropServices;

namespace Midstream.Linux.Native;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    internal byte* Base;
    internal nuint Length;
}

/// <summary>struct msghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal byte* Name;
    internal uint NameLength;
    internal IoVector* Vectors;
    internal nuint VectorCount;
    internal byte* Control;
    internal nuint ControlLength;
    internal int Flags;
}

/// <summary>struct cmsghdr; its data follows, and each whole message is padded to 8 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ControlHeader
{
    internal nuint Length;
    internal int Level;
    internal int Type;
}

/// <summary>struct ucred.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UserCredentials
{
    internal int Pid;
    internal uint Uid;
    internal uint Gid;
}

/// <summary>struct timeval.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeValue
{
    internal long Seconds;
    internal long Microseconds;
}

/// <summary>struct rlimit.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ResourceLimits
{
    internal ulong Current;
    internal ulong Maximum;
}

/// <summary>The part of siginfo_t that waitid(2) fills for a child.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct SignalInfo
{
    [FieldOffset(8)]
    internal int Code;

    [FieldOffset(16)]
    internal int Pid;

    [FieldOffset(24)]
    internal int Status;
}

/// <summary>
/// The part of struct statx this product reads. Unlike struct stat it is the same on every architecture.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileStatus
{
    [FieldOffset(20)]
    internal uint Uid;

    [FieldOffset(24)]
    internal uint Gid;

    [FieldOffset(28)]
    internal ushort Mode;

    [FieldOffset(32)]
    internal ulong Inode;

    [FieldOffset(40)]
    internal ulong Size;

    [FieldOffset(136)]
    internal uint DeviceMajor;

    [FieldOffset(140)]
    internal uint DeviceMinor;
}

/// <summary>struct passwd.</summary>
[StructLayout(LayoutKind.Explicit, Size = 48)]
internal unsafe struct UserEntry
{
    [FieldOffset(0)]
    internal byte* Name;

    [FieldOffset(16)]
    internal uint Uid;

    [FieldOffset(20)]
    internal uint Gid;

    [FieldOffset(32)]
    internal byte* Home;

    [FieldOffset(40)]
    internal byte* Shell;
}

/// <summary>struct group up to its number.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct GroupEntry
{
    [FieldOffset(16)]
    internal uint Gid;
}

/// <summary>Reads and writes struct epoll_event, which is packed on x86-64 (12 bytes) and nowhere else (16 bytes).</summary>
internal static unsafe class EpollEvent
{
    internal const int MaximumSize = 16;

    internal static int Size => Abi.IsArm64 ? 16 : 12;

    private static int DataOffset => Abi.IsArm64 ? 8 : 4;

    internal static void Write(byte* target, uint events, ulong data)
    {
        *(uint*)target = events;
        *(ulong*)(target + DataOffset) = data;
    }

    internal static uint EventsOf(byte* source) => *(uint*)source;

    internal static ulong DataOf(byte* source) => *(ulong*)(source + DataOffset);
}
