// What is summed over workers and over supervisors: nothing lost, nothing twice.

using System.Text;
using Midstream.Control.Workers;
using Midstream.Supervisor.Counters;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Counters;

public class ServiceCountersTests
{
    private static readonly WorkerName s_first = new(1, 1);
    private static readonly WorkerName s_second = new(1, 2);

    [Fact]
    public void Heard_ReportsOfOneWorker_CountsTheLatestOnly()
    {
        var counters = new ServiceCounters(TimeProvider.System);
        counters.Heard(s_first, Report(requests: 10));
        counters.Heard(s_first, Report(requests: 25));

        Assert.Equal(25, counters.Totals().Requests);
    }

    [Fact]
    public void Heard_ReportsThatOvertookEachOther_NeverGoesBack()
    {
        var counters = new ServiceCounters(TimeProvider.System);
        counters.Heard(s_first, Report(requests: 25));
        counters.Heard(s_first, Report(requests: 10));

        Assert.Equal(25, counters.Totals().Requests);
    }

    [Fact]
    public void Totals_OfEveryField_AreTheSumOverWorkers()
    {
        var counters = new ServiceCounters(TimeProvider.System);
        var report = new WorkerReport(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
        counters.Heard(s_first, report);
        counters.Heard(s_second, report);

        Assert.Equal(new(2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22), counters.Totals());
    }

    [Fact]
    public void Ended_Worker_KeepsItsCountsAndLosesItsGauges()
    {
        var counters = new ServiceCounters(TimeProvider.System);
        counters.Heard(s_first, Report(requests: 10, inFlight: 3));
        counters.Ended(s_first);
        counters.Heard(s_second, Report(requests: 5, inFlight: 1));

        var totals = counters.Totals();
        Assert.Equal((15, 1), (totals.Requests, totals.InFlight));
        Assert.Equal("g1.2", Assert.Single(counters.Workers()).Worker);
    }

    [Fact]
    public void Heard_ReportOfAWorkerThatHasEnded_CountsItsLastWordsOnce()
    {
        var counters = new ServiceCounters(TimeProvider.System);
        counters.Heard(s_first, Report(requests: 10));
        counters.Ended(s_first);
        counters.Heard(s_first, Report(requests: 12, inFlight: 1));
        counters.Ended(s_first);

        Assert.Equal((12, 0), (counters.Totals().Requests, counters.Totals().InFlight));
    }

    [Fact]
    public void Ended_ThousandsOfWorkers_KeepsEveryCountAndABoundedMemory()
    {
        var counters = new ServiceCounters(TimeProvider.System);
        for (var generation = 1; generation <= 2_000; generation++)
        {
            counters.Heard(new WorkerName(generation, 1), Report(requests: 7));
            counters.Ended(new WorkerName(generation, 1));
        }

        Assert.Equal(14_000, counters.Totals().Requests);
        Assert.Equal(ServiceCounters.EndedMax, counters.ToState().Workers.Count);
    }

    [Fact]
    public void FromState_WorkerMetAgain_IsNotCountedTwice()
    {
        var before = new ServiceCounters(TimeProvider.System);
        before.Heard(s_first, Report(requests: 10));
        before.Heard(s_second, Report(requests: 100));
        before.Ended(s_second);

        var after = Continue(before);
        Assert.Equal(110, after.Totals().Requests);
        after.Heard(s_first, Report(requests: 14));

        Assert.Equal(114, after.Totals().Requests);
    }

    [Fact]
    public void FromState_OfAnyAge_CatchesUpWithTheWorkersThatLive()
    {
        var before = new ServiceCounters(TimeProvider.System);
        before.Heard(s_first, Report(requests: 10));
        var old = before.ToState();
        before.Heard(s_first, Report(requests: 500));

        var after = ServiceCounters.FromState(old, TimeProvider.System);
        after.Heard(s_first, Report(requests: 510));

        Assert.Equal(510, after.Totals().Requests);
    }

    [Fact]
    public void KeepOnly_AfterATakeOver_EndsWhoIsNoLongerThere()
    {
        var before = new ServiceCounters(TimeProvider.System);
        before.Heard(s_first, Report(requests: 10, inFlight: 2));
        before.Heard(s_second, Report(requests: 20, inFlight: 2));

        var after = Continue(before);
        after.KeepOnly([s_second]);
        after.Heard(s_second, Report(requests: 21, inFlight: 1));

        Assert.Equal((31, 1), (after.Totals().Requests, after.Totals().InFlight));
        Assert.True(Assert.Single(after.ToState().Workers, worker => worker.Worker == "g1.1").HasEnded);
    }

    [Fact]
    public void ToState_AfterManyEnds_ForgetsTheOldestFirstInTheNextSupervisorToo()
    {
        var before = new ServiceCounters(TimeProvider.System);
        for (var generation = 1; generation <= ServiceCounters.EndedMax; generation++)
        {
            before.Heard(new WorkerName(generation, 1), Report(requests: 1));
            before.Ended(new WorkerName(generation, 1));
        }

        var after = Continue(before);
        after.Heard(new WorkerName(1000, 1), Report(requests: 1));
        after.Ended(new WorkerName(1000, 1));

        Assert.DoesNotContain(after.ToState().Workers, worker => worker.Worker == "g1.1");
        Assert.Equal(ServiceCounters.EndedMax + 1, after.Totals().Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"before":null,"workers":[null]}""")]
    public void FromBytes_Rubbish_IsNoState(string text) =>
        Assert.Null(CountersState.FromBytes(Encoding.UTF8.GetBytes(text)));

    private static ServiceCounters Continue(ServiceCounters before) =>
        ServiceCounters.FromState(CountersState.FromBytes(before.ToState().ToBytes()), TimeProvider.System);

    private static WorkerReport Report(long requests, long inFlight = 0) =>
        new(requests, 0, 0, 0, 0, 0, 0, 0, 0, inFlight, 0, 0, 0, 0);
}
