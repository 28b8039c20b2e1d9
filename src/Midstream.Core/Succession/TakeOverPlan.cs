// What a supervisor makes of the workers that its killed predecessor has left.
//
// Which release goes on:
//   the state on disk says    | every slot has a worker of the current release that serves | release         | the deployment is
//   --------------------------+-------------------------------------------------------------+-----------------+------------------
//   committed                 | whatever                                                    | the current     | (there was none)
//   not committed             | yes                                                         | the current     | finished
//   not committed             | no                                                          | the one before  | undone
//   not committed             | yes, but it cannot do what the one before does              | the one before  | undone
//   not committed, none       | whatever                                                    | the current     | finished
//   before                    |                                                             |                 |
//
// What becomes of each survivor of that release, the newest generation first, one for each slot:
//   serving  | keeps its slot
//   draining | keeps its slot, and is told to go on; when the slot has nobody who serves
//   waiting  | is ended: it has never taken traffic, and another is started where nobody is left
// All others are ended; those that have clients hand them on first.

namespace Midstream.Core.Succession;

/// <summary>How a worker stood when it was found.</summary>
public enum SurvivorStanding
{
    /// <summary>Its gate has never been open.</summary>
    Waiting,

    /// <summary>It accepts connections.</summary>
    Serving,

    /// <summary>It was letting go of its connections.</summary>
    Draining,
}

/// <summary>A worker whose supervisor was killed.</summary>
/// <param name="Generation">Its generation.</param>
/// <param name="Slot">Its slot, from 1.</param>
/// <param name="Release">The release it runs.</param>
/// <param name="Standing">How it stands.</param>
public sealed record Survivor(long Generation, int Slot, string Release, SurvivorStanding Standing);

/// <summary>What becomes of a deployment that was under way.</summary>
public enum TakeOverVerdict
{
    /// <summary>None was.</summary>
    NothingUnderWay,

    /// <summary>It is carried on with.</summary>
    Finished,

    /// <summary>The release before serves again.</summary>
    Undone,
}

/// <summary>What to do.</summary>
/// <param name="Release">The release that goes on.</param>
/// <param name="Verdict">What becomes of a deployment that was under way.</param>
/// <param name="Keep">Who keeps the slot as it is.</param>
/// <param name="Resume">Who keeps the slot and is told to go on.</param>
/// <param name="HandOn">Who hands its clients on and ends.</param>
/// <param name="End">Who ends.</param>
/// <param name="Missing">The slots for which a worker must be started.</param>
public sealed record TakeOverPlan(
    string Release,
    TakeOverVerdict Verdict,
    IReadOnlyList<Survivor> Keep,
    IReadOnlyList<Survivor> Resume,
    IReadOnlyList<Survivor> HandOn,
    IReadOnlyList<Survivor> End,
    IReadOnlyList<int> Missing)
{
    /// <summary>Makes the plan.</summary>
    /// <param name="survivors">The workers there are.</param>
    /// <param name="workers">The number of slots.</param>
    /// <param name="current">The release that serves, or is to serve, as the state says.</param>
    /// <param name="before">The release to go back to while <paramref name="current"/> is not committed; null when there is
    /// none.</param>
    /// <param name="committed">Whether <paramref name="current"/> is permanent.</param>
    /// <param name="isFit">False when <paramref name="current"/> was found unable to take over.</param>
    /// <returns>The plan.</returns>
    public static TakeOverPlan Make(
        IReadOnlyList<Survivor> survivors, int workers, string current, string? before, bool committed, bool isFit = true)
    {
        ArgumentNullException.ThrowIfNull(survivors);
        ArgumentNullException.ThrowIfNull(current);
        var complete = isFit && Enumerable.Range(1, workers).All(slot => survivors.Any(survivor =>
            survivor.Slot == slot && survivor.Release == current && survivor.Standing == SurvivorStanding.Serving));
        var (release, verdict) = committed ? (current, TakeOverVerdict.NothingUnderWay)
            : complete || before is null ? (current, TakeOverVerdict.Finished) : (before, TakeOverVerdict.Undone);

        var chosen = Enumerable.Range(1, workers).Select(slot => Choose(survivors, slot, release)).ToList();
        var holders = chosen.OfType<Survivor>().ToList();
        var others = survivors.Except(holders).ToList();
        return new TakeOverPlan(
            release,
            verdict,
            holders.FindAll(holder => holder.Standing == SurvivorStanding.Serving),
            holders.FindAll(holder => holder.Standing == SurvivorStanding.Draining),
            others.FindAll(other => other.Standing != SurvivorStanding.Waiting),
            others.FindAll(other => other.Standing == SurvivorStanding.Waiting),
            [.. Enumerable.Range(1, workers).Where(slot => chosen[slot - 1] is null)]);
    }

    private static Survivor? Choose(IReadOnlyList<Survivor> survivors, int slot, string release) => survivors
        .Where(survivor => survivor.Slot == slot && survivor.Release == release)
        .Where(survivor => survivor.Standing != SurvivorStanding.Waiting)
        .OrderByDescending(survivor => survivor.Standing == SurvivorStanding.Serving)
        .ThenByDescending(survivor => survivor.Generation)
        .FirstOrDefault();
}
