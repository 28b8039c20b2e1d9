// An ignored signal stays ignored over execve(2), a handled one becomes default. .NET ignores SIGPIPE. To make it default here
// would, for that moment, let any other thread's write to a closed pipe end the process; so it gets a handler that does nothing.

using System.Globalization;
using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>Makes every ignored signal one that is default after execve(2); disposing ignores them again.</summary>
internal sealed class FreshSignalActions : IDisposable
{
    private const int Signals = 64;

    // abs(3) takes an int as a handler does, touches nothing, and so is as safe as a handler can be.
    private static readonly nint s_doNothing = NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "abs");

    private readonly List<int> _changed = [];

    internal FreshSignalActions()
    {
        var ignored = Ignored();
        for (var signal = 1; signal <= Signals; signal++)
        {
            // glibc keeps two signals to itself and refuses them here; it sets them anew in every program.
            if ((ignored & (1UL << (signal - 1))) != 0 && Libc.signal(signal, s_doNothing) != -1)
                _changed.Add(signal);
        }
    }

    public void Dispose() => _changed.ForEach(signal => Libc.signal(signal, Abi.SIG_IGN));

    /// <summary>Reads the ignored signals, the lowest bit for signal 1 (proc(5)).</summary>
    private static ulong Ignored()
    {
        const string Field = "SigIgn:";
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
