using Midstream.Core.Modules;

namespace Midstream.Modules;

/// <summary>Says how a generation ended.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="Generation">The generation's number.</param>
/// <param name="Drain">How long its last requests took.</param>
/// <param name="Aborted">The requests that were aborted because the time was over.</param>
/// <param name="Faults">What went wrong while it stopped; empty when nothing did.</param>
/// <param name="Verdict">Whether it has left the memory.</param>
public sealed record Retirement(
    string Module, long Generation, TimeSpan Drain, IReadOnlyList<string> Aborted, IReadOnlyList<string> Faults,
    UnloadVerdict Verdict);
