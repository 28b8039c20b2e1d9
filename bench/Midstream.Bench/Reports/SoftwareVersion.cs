using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Midstream.Bench.Reports;

/// <summary>Asks a program for its version.</summary>
internal static partial class SoftwareVersion
{
    /// <summary>Runs the command and returns the version in what it says.</summary>
    /// <exception cref="BenchException">There is no such program, or it says no version.</exception>
    public static async Task<string> AskAsync(IReadOnlyList<string> command)
    {
        try
        {
            var start = new ProcessStartInfo(command[0], command.Skip(1))
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var program = Process.Start(start)!;
            var said = await Task.WhenAll(program.StandardOutput.ReadToEndAsync(), program.StandardError.ReadToEndAsync());
            return Find(string.Concat(said)) ?? throw new BenchException($"{command[0]} says no version");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new BenchException($"{command[0]} is not installed: eng/bench.sh installs it");
        }
    }

    /// <summary>Finds the version in a text: what comes after ASP.NET Core's name if it lists runtimes, else the first number
    /// with dots.</summary>
    internal static string? Find(string text)
    {
        var runtimes = Runtime().Matches(text);
        return runtimes.Count > 0 ? runtimes[^1].Groups["version"].Value
            : Version().Match(text) is { Success: true } found ? found.Value : null;
    }

    [GeneratedRegex(@"\d+\.\d+(\.\d+)?")]
    private static partial Regex Version();

    [GeneratedRegex(@"Microsoft\.AspNetCore\.App (?<version>[\d.]+)")]
    private static partial Regex Runtime();
}
