using System.Globalization;

namespace Midstream.Hosting.Transport;

/// <summary>Names connections: unique in this process and, by its start, with good certainty among generations.</summary>
internal static class ConnectionIds
{
    private static readonly string s_process = Environment.ProcessId.ToString("X", CultureInfo.InvariantCulture);
    private static long s_last = DateTime.UtcNow.Ticks;

    /// <summary>Makes the next name.</summary>
    /// <returns>Process id and a count, in hexadecimal digits.</returns>
    public static string Next() =>
        string.Create(CultureInfo.InvariantCulture, $"{s_process}-{Interlocked.Increment(ref s_last):X}");
}
