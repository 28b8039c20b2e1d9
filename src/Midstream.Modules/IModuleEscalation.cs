namespace Midstream.Modules;

/// <summary>Told when more generations of a module stay in memory than its budget allows. Register implementations as singletons
/// of the host's services.</summary>
public interface IModuleEscalation
{
    /// <summary>Takes note. Called in the background, once for each generation that stays beyond the budget; what it throws is
    /// logged.</summary>
    /// <param name="happened">What stays.</param>
    void Escalate(ModuleEscalation happened);
}

/// <summary>Says which generations of a module stay in memory.</summary>
/// <param name="Module">The module's name.</param>
/// <param name="Budget">How many may stay.</param>
/// <param name="Staying">Those that do, oldest first, each with its verdict.</param>
public sealed record ModuleEscalation(string Module, int Budget, IReadOnlyList<GenerationStatus> Staying)
{
    /// <summary>Returns one line for a reader.</summary>
    public override string ToString() =>
        $"{Staying.Count} generations of the module {Module} stay in memory, and {Budget} may: " +
        string.Join("; ", Staying.SelectMany(one => one.Verdict?.Culprits ?? []).Select(one => one.Holder).Distinct().Take(3)
            .DefaultIfEmpty("loaded for good"));
}
