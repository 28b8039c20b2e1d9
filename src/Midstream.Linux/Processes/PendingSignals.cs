// Signals that were sent to a process and that it has not heard, because it blocks them. They end with it; who follows it has to
// look before.

using System.Globalization;

namespace Midstream.Linux;

/// <summary>Reads what signals wait for a process.</summary>
public static class PendingSignals
{
    // proc(5): what waits for the process, and for its first thread.
    private static readonly string[] s_fields = ["ShdPnd:", "SigPnd:"];

    /// <summary>Reads which of some signals wait.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="signals">The signals.</param>
    /// <returns>Those that wait; none when there is no such process.</returns>
    public static IReadOnlyList<int> Of(int pid, IReadOnlyList<int> signals)
    {
        ArgumentNullException.ThrowIfNull(signals);
        try
        {
            var waiting = File.ReadLines($"/proc/{pid}/status")
                .Where(line => s_fields.Any(field => line.StartsWith(field, StringComparison.Ordinal)))
                .Aggregate(0UL, static (sum, line) => sum
                    | ulong.Parse(line[(line.IndexOf(':') + 1)..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            return [.. signals.Where(signal => (waiting >> (signal - 1) & 1) != 0)];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
