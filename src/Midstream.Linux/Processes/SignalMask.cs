// The calling thread's blocked signals. execve(2) passes them on, so a program must be started with those it expects.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Sets the calling thread's blocked signals; disposing, on the same thread, sets what was before.</summary>
internal sealed unsafe class SignalMask : IDisposable
{
    private readonly byte[] _previous = new byte[PosixSpawn.SignalSetBytes];

    internal SignalMask(IReadOnlyList<int> blocked)
    {
        var set = stackalloc byte[PosixSpawn.SignalSetBytes];
        _ = Libc.sigemptyset(set);
        foreach (var signal in blocked)
        {
            if (Libc.sigaddset(set, signal) != 0)
                throw new ArgumentOutOfRangeException(nameof(blocked), signal, "There is no such signal.");
        }

        fixed (byte* previous = _previous)
            Set(set, previous);
    }

    public void Dispose()
    {
        fixed (byte* previous = _previous)
            Set(previous, null);
    }

    /// <summary>Blocks no signal on the calling thread.</summary>
    internal static void Clear()
    {
        var none = stackalloc byte[PosixSpawn.SignalSetBytes];
        _ = Libc.sigemptyset(none);
        Set(none, null);
    }

    private static void Set(byte* set, byte* previous)
    {
        if (Libc.pthread_sigmask(Abi.SIG_SETMASK, set, previous) is not 0 and var error)
            throw new LinuxException(error, "pthread_sigmask", "Cannot set the blocked signals of a thread");
    }
}
