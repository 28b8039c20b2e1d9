// How the end of a generation came out.

namespace Midstream.Core.Modules;

/// <summary>Names whether a generation has left the memory.</summary>
public enum UnloadOutcome
{
    /// <summary>It is gone: the garbage collector has taken its load context.</summary>
    Collected,

    /// <summary>Something keeps it.</summary>
    Pinned,

    /// <summary>It was loaded for good and counts towards the slot's budget.</summary>
    Budgeted,
}

/// <summary>Names one thing that keeps a generation in memory.</summary>
/// <param name="Holder">Who holds it: the type and member at the root.</param>
/// <param name="Held">What of the module is held: a type or method.</param>
/// <param name="Cure">What ends it.</param>
public sealed record UnloadCulprit(string Holder, string Held, string Cure)
{
    /// <summary>Returns one line for a reader.</summary>
    public override string ToString() => $"{Holder} -> {Held}. {Cure}";
}

/// <summary>Says whether a generation has left the memory, and if not, why.</summary>
/// <param name="Outcome">Whether it has.</param>
/// <param name="Elapsed">From the end of its stop to the outcome.</param>
/// <param name="Culprits">What keeps it, as far as found; empty unless pinned.</param>
public sealed record UnloadVerdict(UnloadOutcome Outcome, TimeSpan Elapsed, IReadOnlyList<UnloadCulprit> Culprits);
