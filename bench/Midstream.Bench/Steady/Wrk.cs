using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Bench.Steady;

/// <summary>
/// Runs wrk, a load generator light enough to share a machine with what it loads (https://github.com/wg/wrk). It sends the next
/// request of a connection when the one before is answered.
/// </summary>
internal static class Wrk
{
    private static readonly string s_script = Path.Combine(AppContext.BaseDirectory, "Steady", "wrk.lua");

    /// <summary>Loads a server.</summary>
    /// <param name="url">The server.</param>
    /// <param name="exchange">What is asked.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="time">For how long.</param>
    /// <exception cref="BenchException">wrk is not there, or a request failed: such a figure would mean nothing.</exception>
    public static async Task<WrkSummary> RunAsync(string url, Exchange exchange, int connections, TimeSpan time)
    {
        var seconds = Math.Max(1, (int)Math.Round(time.TotalSeconds));
        var start = new ProcessStartInfo(
            "wrk",
            ["--threads", "1", "--connections", $"{connections}", "--duration", $"{seconds}s", "--timeout", "10s",
             "--script", s_script, url + exchange.Path]) { RedirectStandardOutput = true };
        start.Environment["BENCH_METHOD"] = exchange.Method;
        start.Environment["BENCH_BODY_BYTES"] = exchange.BodyBytes.ToString(CultureInfo.InvariantCulture);
        using var wrk = Process.Start(start)!;
        var said = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var summary = Read(said);
        return summary.Errors == 0
            ? summary
            : throw new BenchException(
                $"{summary.Errors} requests of {exchange.Name} failed on {connections} connections:\n{said}");
    }

    /// <summary>Reads what the script printed.</summary>
    internal static WrkSummary Read(string output)
    {
        var line = output.Split('\n').LastOrDefault(line => line.StartsWith('{'))
            ?? throw new BenchException($"wrk said nothing readable: {output}");
        return JsonSerializer.Deserialize(line, WrkJson.Default.WrkSummary)!;
    }
}

/// <summary>What came of a run of wrk.</summary>
internal sealed record WrkSummary(long Requests, long DurationUs, long Errors, double P50Us, double P99Us)
{
    /// <summary>Gets the throughput.</summary>
    [JsonIgnore]
    public double RequestsPerSecond => Requests / (DurationUs / 1e6);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WrkSummary))]
internal sealed partial class WrkJson : JsonSerializerContext;
