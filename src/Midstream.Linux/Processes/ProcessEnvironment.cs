// Finds processes by what they were started with, when nothing else is known of them.

using System.Globalization;
using System.Text;

namespace Midstream.Linux;

/// <summary>Looks into the environments that processes were started with (/proc/PID/environ, proc(5)).</summary>
public static class ProcessEnvironment
{
    /// <summary>Finds the processes that were started with a variable of a certain value. Those of other users are seen by root
    /// only.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value.</param>
    /// <returns>Their ids, in no order. One may have ended by the time it is looked at.</returns>
    public static IReadOnlyList<int> FindStartedWith(string name, string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(value);
        var wanted = Encoding.UTF8.GetBytes($"\0{name}={value}\0");
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid != 0 && Has(pid, wanted))];
    }

    private static bool Has(int pid, byte[] wanted)
    {
        try
        {
            byte[] environment = [0, .. File.ReadAllBytes($"/proc/{pid}/environ")];
            return environment.AsSpan().IndexOf(wanted) >= 0;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
