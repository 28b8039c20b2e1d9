using Midstream.Prove.Accounting;
using Midstream.Prove.Tests.Server;

namespace Midstream.Prove.Tests;

// What a report says besides the outcomes: releases, failures in full, and that JSON keeps all of it.
public sealed class ReportTests
{
    [Fact]
    public async Task Run_ReleaseChangesAndComesBack_CountsAnswersAndMoments()
    {
        await using var server = new FaultyServer { Release = seen => seen.Ordinal is > 20 and <= 50 ? "r2" : "r1" };

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 1, requests: 60));

        Assert.Equal([("r1", 30L), ("r2", 30L)], report.Releases.Select(release => (release.Name, release.Answers)));
        Assert.Equal([("r1", "r2", 1L), ("r2", "r1", 1L)], report.ReleaseChanges.Select(c => (c.From, c.To, c.Clients)));
        Assert.InRange(report.ReleaseChanges[1].FirstMs, report.ReleaseChanges[0].LastMs, report.Releases[0].LastSeenMs);
        Assert.Equal(0, report.UnnamedAnswers);
    }

    [Fact]
    public async Task Run_NoReleaseNamed_CountsTheAnswersAsUnnamed()
    {
        await using var server = new FaultyServer();

        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.Busy, clients: 2, requests: 10));

        Assert.Equal(10, report.UnnamedAnswers);
        Assert.Empty(report.Releases);
    }

    [Fact]
    public void ReleaseLog_EndlessNewReleases_StaysSmallAndLosesNoAnswer()
    {
        var log = new ReleaseLog();
        ReleaseTally? before = null;
        for (var i = 0; i < 10_000; i++)
        {
            var at = TimeSpan.FromSeconds(i * 2);
            var tally = log.Find($"release {i}", at);
            tally.Count(at);
            if (before is not null && before != tally)
                log.Changed(before, tally, at);
            before = tally;
        }

        var (releases, changes, notListed) = log.Read();
        Assert.Equal(65, releases.Count);
        Assert.Equal(10_000, releases.Sum(release => release.Answers));
        Assert.Equal(64, changes.Count + notListed);
    }

    [Fact]
    public void ReleaseLog_SwapBackAndForthForHours_ListsTheFirstAndCountsTheRest()
    {
        var log = new ReleaseLog();
        var (a, b) = (log.Find("a", TimeSpan.Zero), log.Find("b", TimeSpan.Zero));

        for (var i = 0; i < 500; i++)
            log.Changed(i % 2 == 0 ? a : b, i % 2 == 0 ? b : a, TimeSpan.FromSeconds(i * 2));

        var (_, changes, notListed) = log.Read();
        Assert.Equal(200, changes.Count);
        Assert.Equal(300, notListed);
    }

    [Fact]
    public async Task Run_MoreFailuresThanDescribed_DescribesTheFirstAndCountsAll()
    {
        await using var server = new FaultyServer(_ => Fault.WrongStatus) { Release = _ => "r1" };

        var report = await Oracle.RunAsync(
            Oracle.Options(server, ClientKind.Busy, clients: 1, requests: 50) with { FailuresMax = 3 });

        Assert.Equal([1L, 2, 3], report.Failures.Select(failure => failure.Request));
        Assert.Equal([1L, 2, 3], report.Failures.Select(failure => failure.OnConnection));
        Assert.All(report.Failures, failure => Assert.InRange(failure.LocalPort, 1, 65_535));
        Assert.All(report.Failures, failure => Assert.Equal("the status is 503", failure.What));
        Assert.Equal(47, report.FailuresNotDescribed);
        Assert.Equal(50, report.Wrong);
    }

    [Fact]
    public async Task ToJson_ReadBack_IsTheSameReport()
    {
        await using var server = new FaultyServer(seen => seen.Ordinal % 5 == 0 ? Fault.FinAfterRequest : Fault.None)
        {
            Release = seen => seen.Ordinal > 10 ? "r2" : "r1",
        };
        var report = await Oracle.RunAsync(Oracle.Options(server, ClientKind.SlowHead, clients: 1, requests: 20));

        var json = report.ToJson();

        Assert.Equal(json, ProveReport.FromJson(json).ToJson());
        Assert.Equal(report.Failures, ProveReport.FromJson(json).Failures);
        Assert.Contains("\"lost_no_response\": 4", json, StringComparison.Ordinal);
        Assert.Contains("\"kind\": \"slow-head\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void NameOf_EveryKind_IsTheNameInJsonAndParsesBack()
    {
        foreach (var kind in ClientKinds.All)
        {
            Assert.True(ClientKinds.TryParse(ClientKinds.NameOf(kind), out var parsed));
            Assert.Equal(kind, parsed);
            Assert.Equal($"\"{ClientKinds.NameOf(kind)}\"", System.Text.Json.JsonSerializer.Serialize(kind));
        }
        Assert.False(ClientKinds.TryParse("Busy", out _));
    }
}
