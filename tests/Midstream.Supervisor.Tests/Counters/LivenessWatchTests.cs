// Who counts as silent, by a clock that the test moves.

using Midstream.Control.Workers;
using Midstream.Core.Liveness;
using Midstream.Supervisor.Counters;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.Counters;

public class LivenessWatchTests
{
    private static readonly WorkerName s_worker = new(1, 1);
    private static readonly WorkerName s_other = new(1, 2);
    private static readonly TimeSpan s_timeout = LivenessLimits.Default.Silence;

    private readonly HandTime _time = new();
    private readonly LivenessWatch _watch;

    public LivenessWatchTests() => _watch = new LivenessWatch(_time);

    [Fact]
    public void Worker_NeverHeard_IsNotSilent()
    {
        Pass(seconds: 60);

        Assert.False(_watch.IsSilent(s_worker, s_timeout));
    }

    [Fact]
    public void Worker_ThatStopsReporting_IsSilentAfterTheTimeoutAndNotBefore()
    {
        Hear(s_worker);
        Pass(seconds: 10);
        Assert.False(_watch.IsSilent(s_worker, s_timeout));

        Pass(seconds: 1);

        Assert.True(_watch.IsSilent(s_worker, s_timeout));
        Assert.Equal(LivenessVerdict.HungSilent, Judge(s_worker));
    }

    [Fact]
    public void Worker_ThatReportsAgain_IsNoLongerSilent()
    {
        Hear(s_worker);
        Pass(seconds: 11);
        Hear(s_worker);

        Assert.Equal(LivenessVerdict.Well, Judge(s_worker));
    }

    [Fact]
    public void Worker_TakenOverAndNeverHeard_IsSilentAfterTheTimeout()
    {
        _watch.Expect(s_worker);
        Pass(seconds: 11);

        Assert.True(_watch.IsSilent(s_worker, s_timeout));
    }

    [Fact]
    public void Worker_WithALongRequestThatReports_IsBusy()
    {
        for (var second = 0; second < 30; second++)
        {
            Hear(s_worker, longestRequestMs: second * 1000);
            Pass(seconds: 1);
        }

        Assert.Equal(LivenessVerdict.Busy, Judge(s_worker));
        Assert.Equal(LivenessVerdict.HungUnhealthy, _watch.Judge(s_worker, HealthAnswers.Failing, LivenessLimits.Default));
    }

    [Fact]
    public void Worker_ForgottenAfterItsEnd_IsNotSilent()
    {
        Hear(s_worker);
        _watch.Forget(s_worker);
        Pass(seconds: 11);

        Assert.False(_watch.IsSilent(s_worker, s_timeout));
    }

    [Fact]
    public void Silence_OfOneWorker_IsNotAnothers()
    {
        Hear(s_worker);
        for (var second = 0; second < 11; second++)
        {
            Hear(s_other);
            Pass(seconds: 1);
        }

        Assert.True(_watch.IsSilent(s_worker, s_timeout));
        Assert.False(_watch.IsSilent(s_other, s_timeout));
    }

    [Fact]
    public void Supervisor_ThatWasStopped_FindsNobodySilentUntilTheTimeHasPassedAnew()
    {
        Hear(s_worker);
        Pass(seconds: 1);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.False(_watch.IsSilent(s_worker, s_timeout));
        Pass(seconds: 11);
        Assert.True(_watch.IsSilent(s_worker, s_timeout));
    }

    [Fact]
    public void Worker_ThatAsksForAnotherInItsPlace_IsHeardUntilItAsksNoMore()
    {
        Assert.Null(_watch.WishOf(s_worker));
        var report = new WorkerReport(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

        _watch.Heard(s_worker, report with { WantsReplacement = "Too much stays." });
        Assert.Equal("Too much stays.", _watch.WishOf(s_worker));
        Assert.Null(_watch.WishOf(s_other));
        _watch.Heard(s_worker, report);
        Assert.Null(_watch.WishOf(s_worker));
    }

    private void Hear(WorkerName worker, long longestRequestMs = 0) =>
        _watch.Heard(worker, new WorkerReport(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, longestRequestMs, 0, 0));

    private LivenessVerdict Judge(WorkerName worker) =>
        _watch.Judge(worker, HealthAnswers.None, LivenessLimits.Default);

    // Time passes, and the supervisor looks every second, as it should.
    private void Pass(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _watch.IsSilent(s_worker, s_timeout);
        }
    }

    private sealed class HandTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan time) => _now += time.Ticks;
    }
}
