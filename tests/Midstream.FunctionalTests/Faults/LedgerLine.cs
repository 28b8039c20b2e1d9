using System.Text.Json;

namespace Midstream.FunctionalTests.Faults;

/// <summary>What a test reads of a ledger's line.</summary>
internal sealed record LedgerLine(DateTimeOffset At, string Who, string What, string Outcome, string? Release, string? Reason)
{
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads a ledger.</summary>
    /// <param name="state">The root of the state.</param>
    /// <returns>Its lines, oldest first.</returns>
    public static IReadOnlyList<LedgerLine> ReadAll(string state) =>
        [.. File.ReadLines(Path.Combine(state, "tested", "ledger.jsonl"))
            .Select(line => JsonSerializer.Deserialize<LedgerLine>(line, s_json)!)];
}
