using Microsoft.Extensions.Hosting;
using Midstream.Control.Workers;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Counters;

/// <summary>
/// The worker's heartbeat: tells the supervisor every second what the worker has counted. It waits for its turn in the thread
/// pool like all other work, on purpose: where nothing gets a thread any more, it does not either, and the silence says so.
/// </summary>
/// <remarks>
/// The last report is sent when the application has stopped, after the server and so after the last request. It is sent before
/// the process exits because whoever announces the stop waits for it; for at most <see cref="LastWordsTime"/>.
/// </remarks>
/// <param name="counters">What is reported.</param>
/// <param name="supervisor">Who is told.</param>
/// <param name="application">Tells when the application has stopped.</param>
/// <param name="wish">Whether the application asks for another process in its place.</param>
internal sealed class WorkerReporter(
    WorkerCounters counters, ISupervisorLink supervisor, IHostApplicationLifetime application, ReplacementWish wish)
    : IHostedService, IWorkerPart
{
    /// <summary>The time between two reports.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LastWordsTime = TimeSpan.FromSeconds(1);

    public IReadOnlyList<string> Capabilities { get; } = [WorkerCapabilities.Report];

    public ValueTask<bool> TryHandleAsync(ReceivedWorkerMessage received, CancellationToken cancellationToken) =>
        ValueTask.FromResult(false);

    /// <summary>Reports now.</summary>
    /// <returns>A task that ends when the report is sent or cannot be.</returns>
    public ValueTask ReportAsync() => SendAsync(CancellationToken.None);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        application.ApplicationStopped.Register(SayLastWords);
        _ = BeatAsync();
        return Task.CompletedTask;
    }

    // The heart beats on until the application has stopped: a long stop must not look like a hang.
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task BeatAsync()
    {
        using var beat = new PeriodicTimer(Interval);
        using var stopped = application.ApplicationStopped.Register(beat.Dispose);
        while (await beat.WaitForNextTickAsync(CancellationToken.None))
        {
            await TakeOurTurnAsync();
            await SendAsync(CancellationToken.None);
        }
    }

    // The pool puts timers before all other work: each thread that it adds to a starved pool would beat first, and look well.
    // So the beat queues up once more, at the end of the line in which the application's own work waits.
    private static Task TakeOurTurnAsync() => Task.Factory.StartNew(
        static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    // Reports may overtake each other on their way; the supervisor takes the larger count, whichever comes first.
    private ValueTask SendAsync(CancellationToken cancellationToken) =>
        supervisor.SayAsync(new ReportMessage(counters.Read() with { WantsReplacement = wish.Reason }), [], cancellationToken);

    private void SayLastWords()
    {
        using var patience = new CancellationTokenSource(LastWordsTime);
        try
        {
            SendAsync(patience.Token).AsTask().Wait(LastWordsTime);
        }
        catch (AggregateException late) when (late.InnerException is OperationCanceledException)
        {
            // The supervisor reads no more; the report before this one will have to do.
        }
    }
}
