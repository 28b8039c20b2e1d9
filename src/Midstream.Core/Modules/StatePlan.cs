// Which states pass from one generation to the next, and in which version of their format.
//
// Each state names the versions it writes and those it reads; the highest that the old one writes and the new one reads is
// used. A state the new generation does not have stays behind; one the old did not have begins empty. Without a common version
// nothing is handed over: a release in between has to read one and write the other.
//
// Two generations that serve at once share one state: the one in charge is asked by the other. Each then reads and writes what
// the other has written, so the version has to be one that both read and both write, and the state one that can be asked.

namespace Midstream.Core.Modules;

/// <summary>What a generation says of one of its states.</summary>
/// <param name="Name">The state's name.</param>
/// <param name="Reads">The versions it can read.</param>
/// <param name="Writes">The versions it can write.</param>
/// <param name="CanBeAsked">Whether another generation can have its operations carried out by it.</param>
public sealed record StateOffer(string Name, IReadOnlyList<int> Reads, IReadOnlyList<int> Writes, bool CanBeAsked = true);

/// <summary>One state that passes.</summary>
/// <param name="Name">The state's name.</param>
/// <param name="Version">The version of the format it passes in.</param>
public sealed record StatePassage(string Name, int Version);

/// <summary>Decides which states pass. Immutable.</summary>
/// <param name="Passages">What passes; empty with a refusal.</param>
/// <param name="Refusal">Why nothing may pass; null when it may.</param>
public sealed record StatePlan(IReadOnlyList<StatePassage> Passages, string? Refusal)
{
    /// <summary>Makes the plan.</summary>
    /// <param name="from">The states of the generation that serves.</param>
    /// <param name="to">The states of the new one.</param>
    public static StatePlan Make(IReadOnlyList<StateOffer> from, IReadOnlyList<StateOffer> to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (Twice(to) is { } twice)
            return Refuse($"Two states are named \"{twice}\"; each needs a name of its own.");
        var passages = new List<StatePassage>();
        foreach (var (old, young) in from.Join(to, one => one.Name, other => other.Name, (one, other) => (one, other)))
        {
            var common = old.Writes.Intersect(young.Reads).ToList();
            if (common.Count == 0)
                return Refuse(
                    $"The state \"{old.Name}\" is written in version {Text(old.Writes)} by the generation that serves, and the " +
                    $"new one reads {Text(young.Reads)}. Deploy a version in between that does both.");
            passages.Add(new StatePassage(old.Name, common.Max()));
        }

        return new StatePlan(passages, null);
    }

    /// <summary>Makes the plan for two generations that are to serve at once.</summary>
    /// <param name="current">The states of the generation that serves, and stays in charge.</param>
    /// <param name="canary">The states of the one that is to serve beside it.</param>
    public static StatePlan MakeShared(IReadOnlyList<StateOffer> current, IReadOnlyList<StateOffer> canary)
    {
        ArgumentNullException.ThrowIfNull(current);
        ArgumentNullException.ThrowIfNull(canary);
        var passages = new List<StatePassage>();
        foreach (var (old, young) in current.Join(canary, one => one.Name, other => other.Name, (one, other) => (one, other)))
        {
            if (!old.CanBeAsked || !young.CanBeAsked)
                return Refuse($"The state \"{old.Name}\" is of a kind that two generations cannot share. " +
                    "Make it a StateDictionary, or deploy the version whole.");
            var common = Both(old).Intersect(Both(young)).ToList();
            if (common.Count == 0)
                return Refuse(
                    $"The state \"{old.Name}\" is read and written in version {Text(Both(old))} by the generation that serves, " +
                    $"and in {Text(Both(young))} by the canary: two that serve at once need a version that both read and " +
                    "write. Let the new one read and write the version before too, or deploy it whole.");
            passages.Add(new StatePassage(old.Name, common.Max()));
        }

        return new StatePlan(passages, null);
    }

    private static List<int> Both(StateOffer offer) => [.. offer.Reads.Intersect(offer.Writes)];

    private static StatePlan Refuse(string reason) => new([], reason);

    private static string? Twice(IReadOnlyList<StateOffer> offers) =>
        offers.GroupBy(offer => offer.Name).FirstOrDefault(same => same.Count() > 1)?.Key;

    private static string Text(IReadOnlyList<int> versions) => versions.Count == 0 ? "none" : string.Join(", ", versions);
}
