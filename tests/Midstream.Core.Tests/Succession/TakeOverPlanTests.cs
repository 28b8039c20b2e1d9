// Walks every cell of the two tables at the top of TakeOverPlan.cs.

using Midstream.Core.Succession;

namespace Midstream.Core.Tests.Succession;

public sealed class TakeOverPlanTests
{
    private const string New = "new";
    private const string Old = "old";

    // Two slots; "complete" is whether both have a worker of the new release that serves.
    [Theory]
    [InlineData(true, true, true, New, TakeOverVerdict.NothingUnderWay)]
    [InlineData(true, true, false, New, TakeOverVerdict.NothingUnderWay)]
    [InlineData(true, false, true, New, TakeOverVerdict.NothingUnderWay)]
    [InlineData(true, false, false, New, TakeOverVerdict.NothingUnderWay)]
    [InlineData(false, true, true, New, TakeOverVerdict.Finished)]
    [InlineData(false, true, false, New, TakeOverVerdict.Finished)]
    [InlineData(false, false, true, Old, TakeOverVerdict.Undone)]
    [InlineData(false, false, false, New, TakeOverVerdict.Finished)]
    public void Make_OfEveryStateOnDisk_ChoosesTheReleaseOfTheTable(
        bool committed, bool complete, bool hasBefore, string release, TakeOverVerdict verdict)
    {
        List<Survivor> survivors = [In(1, New), In(1, Old, 1), In(2, Old, 1)];
        if (complete)
            survivors.Add(In(2, New));

        var plan = TakeOverPlan.Make(survivors, 2, New, hasBefore ? Old : null, committed);

        Assert.Equal((release, verdict), (plan.Release, plan.Verdict));
    }

    [Theory]
    [InlineData(false, true, Old, TakeOverVerdict.Undone)]
    [InlineData(false, false, New, TakeOverVerdict.Finished)]
    [InlineData(true, true, New, TakeOverVerdict.NothingUnderWay)]
    public void Make_OfACompleteReleaseThatCannotTakeOver_GoesBackWhereThereIsAWay(
        bool committed, bool hasBefore, string release, TakeOverVerdict verdict)
    {
        var plan = TakeOverPlan.Make([In(1, New)], 1, New, hasBefore ? Old : null, committed, isFit: false);

        Assert.Equal((release, verdict), (plan.Release, plan.Verdict));
    }

    [Theory]
    [InlineData(SurvivorStanding.Waiting)]
    [InlineData(SurvivorStanding.Draining)]
    public void Make_WithANewWorkerThatDoesNotServe_IsNotComplete(SurvivorStanding standing)
    {
        var plan = TakeOverPlan.Make([In(1, New, 2, standing)], 1, New, Old, committed: false);

        Assert.Equal(TakeOverVerdict.Undone, plan.Verdict);
    }

    [Fact]
    public void Make_WithAServingWorker_LetsItKeepItsSlot()
    {
        var worker = In(1, New);

        var plan = Committed(1, worker);

        Check(plan, keep: [worker]);
    }

    [Fact]
    public void Make_WithADrainingWorkerAlone_TellsItToGoOn()
    {
        var worker = In(1, New, 2, SurvivorStanding.Draining);

        Check(Committed(1, worker), resume: [worker]);
    }

    [Fact]
    public void Make_WithADrainingAndAServingWorker_LetsTheServingOneKeepTheSlotThoughItIsOlder()
    {
        var (serving, draining) = (In(1, New, 1), In(1, New, 2, SurvivorStanding.Draining));

        Check(Committed(1, draining, serving), keep: [serving], handOn: [draining]);
    }

    [Fact]
    public void Make_WithTwoThatServe_LetsTheNewerKeepTheSlot()
    {
        var (older, newer) = (In(1, New, 1), In(1, New, 2));

        Check(Committed(1, older, newer), keep: [newer], handOn: [older]);
    }

    [Fact]
    public void Make_WithAWaitingWorkerAlone_EndsItAndStartsAnother()
    {
        var worker = In(1, New, 2, SurvivorStanding.Waiting);

        Check(Committed(1, worker), end: [worker], missing: [1]);
    }

    [Fact]
    public void Make_WithAStandby_EndsItAndStartsNobodyForIt()
    {
        var (serving, standby) = (In(1, New), In(0, New, 2, SurvivorStanding.Waiting));

        Check(Committed(1, serving, standby), keep: [serving], end: [standby]);
    }

    [Fact]
    public void Make_WithAnEmptySlot_StartsAWorkerForIt()
    {
        var worker = In(1, New);

        Check(Committed(3, worker), keep: [worker], missing: [2, 3]);
    }

    [Fact]
    public void Make_WithWorkersOfAnotherRelease_LetsThoseWithClientsHandThemOn()
    {
        var (serving, draining, waiting, kept) = (
            In(1, Old, 1), In(1, Old, 2, SurvivorStanding.Draining), In(1, Old, 3, SurvivorStanding.Waiting), In(1, New, 4));

        Check(Committed(1, serving, draining, waiting, kept), keep: [kept], handOn: [serving, draining], end: [waiting]);
    }

    [Fact]
    public void Make_WithMoreSlotsTakenThanThereAreToBe_LetsTheRestHandOn()
    {
        var (first, second) = (In(1, New), In(2, New));

        Check(Committed(1, first, second), keep: [first], handOn: [second]);
    }

    // Killed in the middle of a roll one by one: slot 1 was new already, slot 2 still old.
    [Fact]
    public void Make_OfARollHalfDone_UndoesItWithTheDrainingWorkerTakenBack()
    {
        var (fresh, leaving, other) = (In(1, New, 2), In(1, Old, 1, SurvivorStanding.Draining), In(2, Old, 1));

        var plan = TakeOverPlan.Make([fresh, leaving, other], 2, New, Old, committed: false);

        Check(plan, keep: [other], resume: [leaving], handOn: [fresh]);
    }

    // Every mixture of up to three workers: nobody is forgotten, nobody has two fates, and every slot is somebody's.
    [Fact]
    public void Make_OfEveryMixture_GivesEachWorkerOneFateAndEachSlotOneHolder()
    {
        Survivor[] all =
        [
            .. from slot in new[] { 1, 2, 3 }
               from release in new[] { New, Old }
               from standing in Enum.GetValues<SurvivorStanding>()
               select In(slot, release, (slot * 10) + (int)standing, standing),
        ];
        foreach (var survivors in Mixtures(all))
        {
            foreach (var committed in new[] { true, false })
            {
                var plan = TakeOverPlan.Make(survivors, 2, New, Old, committed);
                Assert.Equal(
                    survivors.ToHashSet(), plan.Keep.Concat(plan.Resume).Concat(plan.HandOn).Concat(plan.End).ToHashSet());
                Assert.Equal(
                    survivors.Count, plan.Keep.Count + plan.Resume.Count + plan.HandOn.Count + plan.End.Count);
                Assert.Equal(
                    [1, 2], plan.Keep.Concat(plan.Resume).Select(holder => holder.Slot).Concat(plan.Missing).Order());
                Assert.All(plan.Keep.Concat(plan.Resume), holder => Assert.Equal(plan.Release, holder.Release));
            }
        }
    }

    private static Survivor In(
        int slot, string release, long generation = 2, SurvivorStanding standing = SurvivorStanding.Serving) =>
        new(generation, slot, release, standing);

    private static TakeOverPlan Committed(int workers, params Survivor[] survivors) =>
        TakeOverPlan.Make(survivors, workers, New, Old, committed: true);

    private static void Check(
        TakeOverPlan plan,
        Survivor[]? keep = null,
        Survivor[]? resume = null,
        Survivor[]? handOn = null,
        Survivor[]? end = null,
        int[]? missing = null)
    {
        Assert.Equal(keep ?? [], plan.Keep);
        Assert.Equal(resume ?? [], plan.Resume);
        Assert.Equal(handOn ?? [], plan.HandOn);
        Assert.Equal(end ?? [], plan.End);
        Assert.Equal(missing ?? [], plan.Missing);
    }

    private static IEnumerable<IReadOnlyList<Survivor>> Mixtures(Survivor[] all)
    {
        for (var first = 0; first < all.Length; first++)
        {
            yield return [all[first]];
            for (var second = first + 1; second < all.Length; second++)
            {
                yield return [all[first], all[second]];
                for (var third = second + 1; third < all.Length; third++)
                    yield return [all[first], all[second], all[third]];
            }
        }
    }
}
