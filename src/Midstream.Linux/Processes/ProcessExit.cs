// How a process ended.

namespace Midstream.Linux;

/// <summary>Tells how a process ended: by itself with a code, or killed by a signal.</summary>
/// <param name="Code">The exit code, 0 to 255; null when a signal killed it.</param>
/// <param name="KilledBy">The signal; null when it exited by itself.</param>
/// <param name="DumpedCore">Whether the kernel wrote a core dump.</param>
public readonly record struct ProcessExit(int? Code, int? KilledBy, bool DumpedCore)
{
    /// <summary>Gets whether the process exited by itself with code 0.</summary>
    public bool Success => Code == 0;

    /// <summary>Creates the end of a process that exited by itself.</summary>
    /// <param name="code">The exit code.</param>
    /// <returns>The end.</returns>
    public static ProcessExit WithCode(int code) => new(code, null, false);

    /// <summary>Creates the end of a process that a signal killed.</summary>
    /// <param name="signal">The signal.</param>
    /// <param name="dumpedCore">Whether the kernel wrote a core dump.</param>
    /// <returns>The end.</returns>
    public static ProcessExit BySignal(int signal, bool dumpedCore = false) => new(null, signal, dumpedCore);

    /// <summary>Says it to follow a subject: "exited with code 3", "was killed by SIGKILL".</summary>
    /// <returns>The words.</returns>
    public override string ToString() => KilledBy is { } signal
        ? $"was killed by {Signal.NameOf(signal)}{(DumpedCore ? " and dumped core" : "")}"
        : $"exited with code {Code}";
}
