using Midstream.Core.Modules;

namespace Midstream.Modules;

/// <summary>Says how a swap came out.</summary>
public sealed record SwapResult
{
    /// <summary>Gets whether the new generation serves.</summary>
    public required SwapOutcome Outcome { get; init; }

    /// <summary>Gets the phase in which it ended.</summary>
    public required SwapPhase Phase { get; init; }

    /// <summary>Gets the module's name; empty when the package could not be read.</summary>
    public required string Module { get; init; }

    /// <summary>Gets the package's version; empty when it could not be read.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the number of the new generation; 0 when there was none.</summary>
    public long Generation { get; init; }

    /// <summary>Gets the id of the package in the store; empty when it was not stored.</summary>
    public string Package { get; init; } = "";

    /// <summary>Gets why it was not moved; null when it was.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets each reason for which the package does not fit; empty when that is not what is wrong.</summary>
    public IReadOnlyList<FitProblem> Problems { get; init; } = [];

    /// <summary>Gets how long each phase took, in the order of the phases.</summary>
    public IReadOnlyList<KeyValuePair<SwapPhase, TimeSpan>> Durations { get; init; } = [];

    /// <summary>Gets the longest time that writers of the module's state waited.</summary>
    public TimeSpan Freeze { get; init; }

    /// <summary>Gets the number of the generation that was replaced and is kept, paused, for a rollback; null when none
    /// is.</summary>
    public long? Kept { get; init; }

    /// <summary>Gets how the generation that was replaced, or the new one when it was not moved, ends; null when there is none
    /// to end. It may take as long as its longest request.</summary>
    public Task<Retirement>? Retirement { get; init; }
}
