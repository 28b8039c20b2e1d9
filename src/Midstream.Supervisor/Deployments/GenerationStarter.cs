using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Releases;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// Brings one generation from nothing to the point where it could take traffic: started, ready, healthy, warm. Whatever
/// fails on the way is the new generation's failure; it is ended, and what serves has not noticed.
/// </summary>
internal sealed class GenerationStarter(ServiceModel service, ListenerSet listeners, WorkerLauncher launcher)
{
    /// <summary>Starts a generation.</summary>
    /// <param name="generation">Its number.</param>
    /// <param name="release">The release.</param>
    /// <param name="progress">Told of each phase as it begins.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>The worker, its gate closed where it has one.</returns>
    /// <exception cref="WorkerFailedException">It did not come so far; its process is gone.</exception>
    /// <exception cref="OperationCanceledException">It was given up; its process is gone.</exception>
    public async Task<Worker> StartAsync(
        long generation, StoredRelease release, IPhaseProgress progress, CancellationToken cancellationToken)
    {
        progress.Enter(DeploymentPhase.Start, $"generation {generation} of release {release.Id}");
        var worker = launcher.Launch(generation, release);
        progress.Launched(worker);
        try
        {
            progress.Enter(DeploymentPhase.Ready, $"process {worker.Pid}");
            await BecomeReadyAsync(worker, cancellationToken);
            worker.BecameReady();
            await CheckHealthAsync(worker, progress, cancellationToken);
            await WarmUpAsync(worker, progress, cancellationToken);
            return worker;
        }
        catch
        {
            await worker.KillAsync();
            await worker.DisposeAsync();
            throw;
        }
    }

    private async Task BecomeReadyAsync(Worker worker, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(service.Ready.Timeout);
        try
        {
            var ready = SayReadyAsync(worker, patience.Token);
            if (await Task.WhenAny(ready, worker.Exited) != ready)
                throw await ExitedAsync(worker);
            if (await ready is { } reason)
                throw new WorkerFailedException(DeploymentFailure.WorkerNotReady, reason, worker.LastLines);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerFailedException(DeploymentFailure.WorkerNotReadyInTime, ExplainLateness(worker), worker.LastLines);
        }
        finally
        {
            await patience.CancelAsync();
        }
    }

    // The worker's own word, by the control channel or sd_notify; or, where the configuration asks for it, an answer over HTTP.
    private async Task<string?> SayReadyAsync(Worker worker, CancellationToken cancellationToken)
    {
        if (service.Ready.Http is not { } path)
            return await worker.SaidReady.WaitAsync(cancellationToken);

        // A worker of ours binds its listeners before it says that it is ready; asking before that would find nothing.
        await Task.WhenAny(
            worker.SaidHello, worker.SaidReady, AskPubliclyAsync(worker, path, cancellationToken)).WaitAsync(cancellationToken);
        if (worker.SpeaksMidstream && await worker.SaidReady.WaitAsync(cancellationToken) is { } reason)
            return reason;
        using var client = new GenerationClient(worker, listeners.All[0]);
        while (!await AnswersWellAsync(client, path, cancellationToken))
            await Task.Delay(s_probeInterval, cancellationToken);
        return null;
    }

    private static readonly TimeSpan s_probeInterval = TimeSpan.FromMilliseconds(50);

    private async Task AskPubliclyAsync(Worker worker, string path, CancellationToken cancellationToken)
    {
        using var client = new GenerationClient(worker, listeners.All[0]);
        while (!await AnswersWellAsync(client, path, cancellationToken))
            await Task.Delay(s_probeInterval, cancellationToken);
    }

    private static async Task<bool> AnswersWellAsync(GenerationClient client, string path, CancellationToken cancellationToken)
    {
        try
        {
            return HealthCheck.IsHealthy(await client.GetAsync(path, cancellationToken));
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task CheckHealthAsync(Worker worker, IPhaseProgress progress, CancellationToken cancellationToken)
    {
        if (service.Health is not { } health)
            return;
        progress.Enter(DeploymentPhase.Health, health.Path);
        using var client = new GenerationClient(worker, listeners.All[0]);
        var check = new HealthCheck(client, health);
        for (var attempt = 1; ; attempt++)
        {
            if (await check.FindFaultAsync(cancellationToken) is not { } fault)
                return;
            if (worker.Exited.IsCompleted)
                throw await ExitedAsync(worker);
            if (attempt >= health.FailuresMax)
                throw new WorkerFailedException(DeploymentFailure.HealthCheckFailed, fault, worker.LastLines);
            await Task.Delay(health.Interval, cancellationToken);
        }
    }

    private async Task WarmUpAsync(Worker worker, IPhaseProgress progress, CancellationToken cancellationToken)
    {
        // A program without a private way in takes traffic already; there is nothing left to spare its clients.
        if (service.WarmUp.Count == 0 || !worker.SpeaksMidstream)
            return;
        progress.Enter(DeploymentPhase.WarmUp, $"{service.WarmUp.Count} requests");
        using var client = new GenerationClient(worker, listeners.All[0]);
        var warmUp = new WarmUp(client, service.WarmUp, service.Ready.Timeout);
        if (await warmUp.FindFaultAsync(cancellationToken) is not { } fault)
            return;
        if (worker.Exited.IsCompleted)
            throw await ExitedAsync(worker);
        throw new WorkerFailedException(DeploymentFailure.WarmUpFailed, fault, worker.LastLines);
    }

    private static async Task<WorkerFailedException> ExitedAsync(Worker worker)
    {
        var exit = await worker.Exited;
        // Its last words may still be in the pipe.
        await worker.OutputEndedAsync();
        return new WorkerFailedException(
            DeploymentFailure.WorkerExitedBeforeReady,
            $"The new generation (process {worker.Pid}) {exit} before it was ready.",
            worker.LastLines);
    }

    private string ExplainLateness(Worker worker)
    {
        var waited = $"The new generation (process {worker.Pid}) was not ready within " +
            $"{service.Ready.Timeout.TotalSeconds:0.###} s";
        if (service.Ready.Http is { } path)
            return $"{waited}: GET {path} had no good answer. Look at its last lines; give it longer with \"ready\": " +
                $"{{\"timeout_ms\": ...}}.";
        return worker.SpeaksMidstream
            ? $"{waited}: its host was built but has not started. Look at its last lines; give it longer with \"ready\": " +
                $"{{\"timeout_ms\": ...}}."
            : $"{waited}: it sent no READY=1 (sd_notify) and does not speak Midstream's protocol. If it cannot, set " +
                $"\"ready\": {{\"http\": \"/\"}} in midstream.json.";
    }
}
