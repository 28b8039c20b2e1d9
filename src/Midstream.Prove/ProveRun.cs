using System.Net;
using System.Net.Sockets;
using Midstream.Prove.Accounting;
using Midstream.Prove.Clients;

namespace Midstream.Prove;

// A run from its options to its report: check, resolve, knock, drive, stop, account.

/// <summary>Drives a server with several kinds of clients at once and accounts for every request.</summary>
public static class ProveRun
{
    private static readonly TimeSpan s_progressPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_knockTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Runs until the duration or the number of requests is reached, or until cancelled; then lets every client finish the
    /// request it has under way, for at most <see cref="ProveOptions.RequestTimeout"/>, so that the end of the run loses nothing.
    /// No request is ever retried. Before the run one connection is opened and closed to see that the target is there.
    /// </summary>
    /// <param name="options">The run's options.</param>
    /// <param name="progress">Told about the run four times a second, and once at the end of it; null for nobody.</param>
    /// <param name="marker">Marks the periods whose latencies the report tells apart; null for none.</param>
    /// <param name="cancellationToken">Ends a run that has begun early: the report is returned all the same.</param>
    /// <returns>The account of all requests.</returns>
    /// <exception cref="ProveOptionsException">
    /// The options are wrong, or the target is remote and that is not allowed.
    /// </exception>
    /// <exception cref="TargetUnreachableException">The target could not be resolved or connected to.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the run began.</exception>
    public static async Task<ProveReport> RunAsync(
        ProveOptions options,
        IProgress<ProveSnapshot>? progress = null,
        PeriodMarker? marker = null,
        CancellationToken cancellationToken = default)
    {
        var errors = ProveOptionsValidator.Validate(options);
        if (errors.Count > 0)
            throw new ProveOptionsException(errors);
        ProveTarget.TryParse(options.Url, out var target);
        var endPoint = await target!.ResolveAsync(cancellationToken);
        if (!options.AllowRemote && !ProveTarget.IsLocal(endPoint))
            throw new ProveOptionsException([$"the target {options.Url} ({endPoint}) is not this machine: that needs leave"]);
        await KnockAsync(endPoint, cancellationToken);

        var accounts = new RunAccounts(options, marker);
        using var run = new RunContext(options, target, endPoint, accounts);
        using var crowd = new ClientCrowd(run);
        var endedEarly = await DriveAsync(run, crowd, progress, cancellationToken);
        return ReportBuilder.Build(options, accounts, endedEarly);
    }

    // Returns whether the caller ended the run.
    private static async Task<bool> DriveAsync(
        RunContext run, ClientCrowd crowd, IProgress<ProveSnapshot>? progress, CancellationToken cancellationToken)
    {
        var meter = new ProgressMeter(run, progress);
        using var ticker = new Timer(_ => meter.Report(), null, s_progressPeriod, s_progressPeriod);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(run.Options.EffectiveDuration);
        var endedEarly = false;
        void Stop()
        {
            endedEarly = cancellationToken.IsCancellationRequested;
            crowd.Stop();
        }
        await using (end.Token.Register(Stop))
            await crowd.RunAsync();
        meter.Report();
        return endedEarly;
    }

    private static async Task KnockAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(s_knockTimeout);
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, timeout.Token);
        }
        catch (Exception e) when (
            e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new TargetUnreachableException($"nothing accepts connections at {endPoint}: {e.Message}", e);
        }
    }
}
