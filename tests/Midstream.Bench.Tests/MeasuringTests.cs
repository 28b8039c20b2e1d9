using Midstream.Bench.Peers;
using Midstream.Bench.Processes;
using Midstream.Bench.Reports;
using Midstream.Bench.Steady;
using Midstream.Bench.Upgrades;
using Midstream.Linux;
using Midstream.Prove;

namespace Midstream.Bench.Tests;

// What programs say and what the prover reports is read as what it means.
public sealed class MeasuringTests
{
    [Fact]
    public void Times_OfUpgrades_AreFromTheCommandToTheAnswersAndToTheEnd()
    {
        var report = ReportOf(
            [("r1", 0, 1450), ("r2", 1600, 3900), ("r3", 4300, 9000)],
            [new MarkedPeriod(1000, 1700), new MarkedPeriod(4000, 4400)]);

        Assert.Equal([new UpgradeTimes(600, 450, 700), new UpgradeTimes(300, 0, 400)], UpgradeTimes.Of(report));
    }

    [Fact]
    public void Times_OfAReleaseThatNeverAnswered_AreNotMadeUp()
    {
        var report = ReportOf([("r1", 0, 1450)], [new MarkedPeriod(1000, 1700)]);

        Assert.Equal([new UpgradeTimes(null, 450, 700)], UpgradeTimes.Of(report));
    }

    [Fact]
    public void Wrk_Output_IsReadFromTheScriptsLine()
    {
        var summary = Wrk.Read("""
            Running 2s test
              1 threads
            {"requests":5000,"duration_us":2000000,"errors":3,"p50_us":120,"p99_us":900}

            """);

        Assert.Equal((2500, 3, 120, 900), (summary.RequestsPerSecond, summary.Errors, summary.P50Us, summary.P99Us));
        Assert.Throws<BenchException>(() => Wrk.Read("unable to connect"));
    }

    [Theory]
    [InlineData("nginx version: nginx/1.22.1", "1.22.1")]
    [InlineData("HAProxy version 2.6.12-1+deb12u4 2026/10/17", "2.6.12")]
    [InlineData("gunicorn (version 20.1.0)", "20.1.0")]
    [InlineData("Microsoft.AspNetCore.App 9.0.1 [/a]\nMicrosoft.AspNetCore.App 10.0.12 [/a]\nOther 11.0.1 [/a]", "10.0.12")]
    [InlineData("no number", null)]
    public void Version_InWhatAProgramSays_IsFound(string said, string? expected) =>
        Assert.Equal(expected, SoftwareVersion.Find(said));

    [Fact]
    public void Descendants_OfAProcess_AreAllThatRunBelowItAndNobodyElse()
    {
        ProcessStat[] all =
        [
            Process(10, parent: 1), Process(11, parent: 10), Process(12, parent: 11), Process(13, parent: 10, state: 'Z'),
            Process(14, parent: 13), Process(20, parent: 1),
        ];

        Assert.Equal([11, 12, 14], ProcessTree.DescendantsOf(10, all).Select(process => process.Pid).Order());
    }

    [Fact]
    public void Catalog_Ids_AreUniqueAndPlansAreValid()
    {
        Assert.Distinct(PeerCatalog.All.Select(peer => peer.Id));
        Assert.Distinct(SeriesPlan.All.Select(plan => plan.Id));
        foreach (var plan in SeriesPlan.All)
            Assert.Empty(ProveOptionsValidator.Validate(plan.OptionsFor("http://127.0.0.1:1")));
    }

    private static ProcessStat Process(int pid, int parent, char state = 'S') => new(pid, state, parent, pid, pid, 1);

    private static ProveReport ReportOf(
        (string Name, double FirstMs, double LastMs)[] releases, IReadOnlyList<MarkedPeriod> periods)
    {
        var sample = Samples.Peer("any");
        return new ProveReport
        {
            Url = "", BeganAt = default, DurationMs = 10_000, EndedEarly = false, Requests = 0, Lost = 0, Wrong = 0,
            Outcomes = sample.Outcomes, Connections = sample.Connections, Latency = sample.Steady, Kinds = [],
            Releases = [.. releases.Select(release => new ReleaseReport
            {
                Name = release.Name, Answers = 1, FirstSeenMs = release.FirstMs, LastSeenMs = release.LastMs,
            })],
            UnnamedAnswers = 0, ReleaseChanges = [], ReleaseChangesNotListed = 0, Failures = [], FailuresNotDescribed = 0,
            Marked = new MarkedReport
            {
                Periods = periods, Answers = 0, Latency = sample.Steady, OtherLatency = sample.Steady,
            },
        };
    }
}
