using System.Globalization;

namespace Midstream.Bench.Reports;

/// <summary>The machine a run was made on, without its name.</summary>
/// <param name="Processor">The model.</param>
/// <param name="Cores">The number of processors that this process may use.</param>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="MemoryMib">The memory in MiB.</param>
/// <param name="System">The distribution.</param>
internal sealed record Machine(string Processor, int Cores, string Kernel, long MemoryMib, string System)
{
    /// <summary>Reads it from /proc and /etc/os-release.</summary>
    public static Machine Read() => new(
        ValueOf("/proc/cpuinfo", "model name", ':'),
        Environment.ProcessorCount,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        long.Parse(ValueOf("/proc/meminfo", "MemTotal", ':').Split(' ')[0], CultureInfo.InvariantCulture) / 1024,
        ValueOf("/etc/os-release", "PRETTY_NAME", '=').Trim('"'));

    /// <summary>Reads the load average over the last minute.</summary>
    public static double LoadAverage() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    private static string ValueOf(string file, string name, char separator) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(separator, StringComparison.Ordinal) + 1)..].Trim()
            : "unknown";
}
