// How a process ended, as far as it can be known.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Tells how a process ended: by itself with a code, killed by a signal, or in a way only its parent was told.
/// </summary>
/// <param name="Code">The exit code, 0 to 255; null when a signal killed it or it is unknown.</param>
/// <param name="KilledBy">The signal; null when it exited by itself or it is unknown.</param>
/// <param name="DumpedCore">Whether the kernel wrote a core dump.</param>
public readonly record struct ProcessExit(int? Code, int? KilledBy, bool DumpedCore)
{
    /// <summary>Gets whether the process exited by itself with code 0.</summary>
    public bool Success => Code == 0;

    /// <summary>Gets the end of a process that was no child: the kernel tells its status to its parent alone.</summary>
    public static ProcessExit Unknown => default;

    /// <summary>Gets whether nothing is known but that the process has ended.</summary>
    public bool IsUnknown => Code is null && KilledBy is null;

    /// <summary>Creates the end of a process that exited by itself.</summary>
    /// <param name="code">The exit code.</param>
    /// <returns>The end.</returns>
    public static ProcessExit WithCode(int code) => new(code, null, false);

    /// <summary>Creates the end of a process that a signal killed.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="dumpedCore">Whether the kernel wrote a core dump.</param>
    /// <returns>The end.</returns>
    public static ProcessExit BySignal(int signal, bool dumpedCore = false) => new(null, signal, dumpedCore);

    /// <summary>Reads what waitid(2) told.</summary>
    internal static ProcessExit Of(in SignalInfo info) => info.Code == Abi.CLD_EXITED
        ? WithCode(info.Status)
        : BySignal(info.Status, info.Code == Abi.CLD_DUMPED);

    /// <summary>Says it to follow a subject: "exited with code 3", "was killed by SIGKILL", "ended, status unknown".</summary>
    /// <returns>The words.</returns>
    public override string ToString() => KilledBy is { } signal
        ? $"was killed by {Signal.NameOf(signal)}{(DumpedCore ? " and dumped core" : "")}"
        : IsUnknown ? "ended, status unknown" : $"exited with code {Code}";
}
