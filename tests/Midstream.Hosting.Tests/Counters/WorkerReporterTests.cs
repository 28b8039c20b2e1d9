// When a worker reports, and when it cannot: the silence of a starved pool is what a supervisor listens for.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Midstream.Control.Workers;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Tests.Counters;

public class WorkerReporterTests
{
    private const int Waiting = 1_000;

    [Fact]
    public async Task Worker_WhileItRuns_ReportsAgainAndAgain()
    {
        await using var scene = await WorkerScene.StartAsync(_ => Task.CompletedTask);
        await scene.HearAsync<ReportMessage>();

        var began = Stopwatch.GetTimestamp();
        await scene.HearAsync<ReportMessage>();

        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Drained_AfterTraffic_ComesAfterAReportOfAllOfIt()
    {
        await using var scene = await WorkerScene.StartAsync(_ => Task.CompletedTask);
        using var client = await scene.ConnectAsync();
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        await KestrelScene.ReadUntilAsync(client, "\r\n\r\n");
        client.Dispose();
        await scene.SayAsync(new DrainMessage(10_000));

        WorkerReport? last = null;
        while (await scene.HearAsync<WorkerMessage>() is var message && message is not DrainedMessage)
            last = (message as ReportMessage)?.Report ?? last;

        Assert.Equal((1, 1, 0), (last?.Requests, last?.Closed, last?.Open));
    }

    [Fact]
    public async Task Stop_WithARequestUnderWay_ReportsItAtTheVeryEnd()
    {
        var gate = new TaskCompletionSource();
        await using var scene = await WorkerScene.StartAsync(_ => gate.Task);
        using var client = await scene.ConnectAsync();
        await KestrelScene.SendAsync(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        await scene.CountedAsync(report => report.InFlight == 1, "the request is under way");

        var stopping = scene.StopAsync();
        gate.SetResult();
        await stopping;
        ReportMessage report;
        do
            report = await scene.HearAsync<ReportMessage>();
        while (report.Report.Requests == 0);

        Assert.Equal((1, 0), (report.Report.Requests, report.Report.InFlight));
    }

    [Fact]
    public async Task Report_OfAWorkerThatAsksForAnother_SaysWhyInNoMoreThanFitsIntoAPacket()
    {
        using var link = new RecordingLink();
        using var lifetime = new Lifetime();
        var wish = new ReplacementWish();
        var reporter = new WorkerReporter(new WorkerCounters(TimeProvider.System), link, lifetime, wish);

        await reporter.ReportAsync();
        wish.Ask(new string('a', 10_000));
        await reporter.ReportAsync();

        Assert.Equal([null, new string('a', 500)], link.Reports.Select(report => report.WantsReplacement));
    }

    [Fact]
    public async Task Report_OfAStarvedPool_StaysAwayUntilThePoolIsFreeAgain()
    {
        using var link = new RecordingLink();
        using var lifetime = new Lifetime();
        using var release = new ManualResetEventSlim();
        using var released = new CountdownEvent(Waiting);
        var reporter = new WorkerReporter(new WorkerCounters(TimeProvider.System), link, lifetime, new ReplacementWish());
        await reporter.StartAsync(CancellationToken.None);

        // More than the pool will ever have threads for in this time: it adds one or two a second.
        for (var i = 0; i < Waiting; i++)
            ThreadPool.UnsafeQueueUserWorkItem(
                static gates =>
                {
                    gates.Release.Wait();
                    gates.Released.Signal();
                },
                (Release: release, Released: released),
                preferLocal: false);
        link.Heard.Wait(WorkerReporter.Interval);
        link.Heard.Reset();
        var isSilent = !link.Heard.Wait(3 * WorkerReporter.Interval);
        release.Set();

        // Some have not begun to wait: what they wait for must not be gone, or they take the whole process with them.
        Assert.True(released.Wait(Bounded.Patience));
        Assert.True(isSilent);
        Assert.True(link.Heard.Wait(Bounded.Patience));
        lifetime.StopApplication();
    }

    private sealed class RecordingLink : ISupervisorLink, IDisposable
    {
        public ManualResetEventSlim Heard { get; } = new();

        public List<WorkerReport> Reports { get; } = [];

        public ValueTask SayAsync(
            WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken)
        {
            lock (Reports)
                Reports.AddRange(new[] { message }.OfType<ReportMessage>().Select(said => said.Report));
            Heard.Set();
            return ValueTask.CompletedTask;
        }

        public void Dispose() => Heard.Dispose();
    }

    private sealed class Lifetime : IHostApplicationLifetime, IDisposable
    {
        private readonly CancellationTokenSource _stopped = new();

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => _stopped.Token;

        public void StopApplication() => _stopped.Cancel();

        public void Dispose()
        {
            _stopped.Cancel();
            _stopped.Dispose();
        }
    }
}
