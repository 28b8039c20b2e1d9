// Replaces the program this process runs, which keeps its number, its children and the descriptors it names: how the
// supervisor updates itself.

using System.Diagnostics.CodeAnalysis;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Replaces this process's program (execve(2)).
/// <list type="bullet">
/// <item>What goes on: the pid, the children (they can still be waited for), the working directory, and the kept descriptors
/// under their numbers.</item>
/// <item>What ends without a trace: every thread, every other descriptor, and what was received but not yet handled. Stop
/// receiving before, and wait for what is under way.</item>
/// <item>The new program starts with default signal actions and no blocked signal but those held for it.</item>
/// </list>
/// </summary>
public static class ProcessImage
{
    private static readonly Lock s_gate = new();

    /// <summary>Replaces this program. Returns never, or with an exception and this program as it was.</summary>
    /// <param name="program">The path of the new program; <see cref="PathOf"/> for one that is only open.</param>
    /// <param name="arguments">All its arguments; the first one is what it is called, by custom the program's name.</param>
    /// <param name="environment">Its whole environment; nothing of the present one is added.</param>
    /// <param name="kept">The descriptors the new program finds open, under the same numbers. They stay the caller's.</param>
    /// <param name="held">
    /// The signals that wait until the new program calls <see cref="ReleaseSignals"/>. One that is not held and arrives before
    /// the new program handles it acts as by default, which for most is to end the process. Null or empty for none.
    /// </param>
    /// <param name="waiting">Those of the held signals that the new program finds waiting. Null or empty for none.</param>
    /// <exception cref="ArgumentException">A text holds a zero character, or a variable's name is impossible.</exception>
    /// <exception cref="LinuxException">The program does not exist (ENOENT), may not be executed (EACCES), is none (ENOEXEC), or
    /// the arguments are too long (E2BIG). This program goes on, with close-on-exec, signals and mask as before.</exception>
    /// <exception cref="ObjectDisposedException">A kept descriptor is closed.</exception>
    [DoesNotReturn]
    public static unsafe void Replace(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<FileDescriptor> kept,
        IReadOnlyList<int>? held = null,
        IReadOnlyList<int>? waiting = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(program);
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(kept);
        using var argumentList = new NativeStrings(arguments);
        using var variables = new NativeStrings([.. environment.Select(EnvironmentVariable.Write)]);
        using var references = new HandleReferences(kept);
        lock (s_gate)
        {
            // Disposing undoes each of them; when execve(2) succeeds nobody is left to dispose.
            using var actions = new FreshSignalActions();
            using var mask = new SignalMask(held ?? []);
            using var passed = new PassedOverExec(kept);
            // To this thread, which is the one that stays: another might not block them.
            foreach (var signal in waiting ?? [])
                _ = Libc.raise(signal);
            _ = Libc.execve(program, argumentList.Pointer, variables.Pointer);
            throw LinuxException.Last("execve", $"Cannot become {program}; this program goes on");
        }
    }

    /// <summary>
    /// Lets the signals through that the previous program held for this one. Call it when they are handled, on a thread that
    /// lives as long as the process, such as the main thread. Without held signals it changes nothing.
    /// </summary>
    public static void ReleaseSignals() => SignalMask.Clear();

    /// <summary>Opens the program this process runs, also when its file has been replaced or deleted since.</summary>
    /// <returns>The descriptor, with which <see cref="PathOf"/> leads back to this very program.</returns>
    /// <exception cref="LinuxException">The program's file may not be opened (EACCES), or no descriptor is left (EMFILE).
    /// </exception>
    public static FileDescriptor OpenSelf() => FileDescriptor.Owning(
        Libc.open("/proc/self/exe", Abi.O_RDONLY | Abi.O_CLOEXEC, 0), "open", "Cannot open this process's own program");

    /// <summary>Returns a path that means an open file, for as long as it is open.</summary>
    /// <param name="program">The file. To become it, it need not be kept, unless it is a script.</param>
    /// <returns>For example <c>/proc/self/fd/7</c>.</returns>
    /// <exception cref="ObjectDisposedException">The descriptor is closed.</exception>
    public static string PathOf(FileDescriptor program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return $"/proc/self/fd/{program.Number}";
    }
}
