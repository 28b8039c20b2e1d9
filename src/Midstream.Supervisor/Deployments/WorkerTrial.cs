using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>
/// What one new worker must pass before it may take traffic: ready, healthy, warm. Each step ends in silence, or with the
/// <see cref="WorkerFailedException"/> that says what the worker did not do.
/// </summary>
/// <param name="service">What is asked of it.</param>
/// <param name="clients">Ask it.</param>
internal sealed class WorkerTrial(ServiceModel service, IGenerationClients clients)
{
    private static readonly TimeSpan s_probeInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Lets the worker take its state over, and waits until it is ready.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="state">The hand-over of its state, not begun.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when it is.</returns>
    /// <exception cref="WorkerFailedException">It exited, said that it cannot, or took too long.</exception>
    public async Task BecomeReadyAsync(Worker worker, StateHandOver state, CancellationToken cancellationToken)
    {
        using var patience = new Patience(service.Ready.Timeout, worker.Time, cancellationToken);
        try
        {
            var ready = SayReadyAsync(worker, state, patience.Token);
            if (await Task.WhenAny(ready, worker.Exited) != ready)
                throw await ExitedAsync(worker);
            if (await ready is { } reason)
                throw new WorkerFailedException(DeploymentFailure.WorkerNotReady, reason, worker.LastLines);
            worker.BecameReady();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new WorkerFailedException(
                DeploymentFailure.WorkerNotReadyInTime, ExplainLateness(worker, state), worker.LastLines);
        }
        finally
        {
            await patience.EndAsync();
        }
    }

    // The worker's own word, by the control channel or sd_notify; or, where the configuration asks for it, an answer over HTTP.
    private async Task<string?> SayReadyAsync(Worker worker, StateHandOver state, CancellationToken cancellationToken)
    {
        if (service.Ready.Http is not { } path)
        {
            await Task.WhenAny(worker.SaidHello, worker.SaidReady).WaitAsync(cancellationToken);
            if (worker.SpeaksMidstream)
                await state.BeginAsync(service.Ready.Timeout, cancellationToken);
            return await worker.SaidReady.WaitAsync(cancellationToken);
        }

        // A worker of ours binds its listeners before it says that it is ready; asking before that would find nothing.
        await Task.WhenAny(
            worker.SaidHello, worker.SaidReady, AskPubliclyAsync(worker, path, cancellationToken)).WaitAsync(cancellationToken);
        if (worker.SpeaksMidstream)
            await state.BeginAsync(service.Ready.Timeout, cancellationToken);
        if (worker.SpeaksMidstream && await worker.SaidReady.WaitAsync(cancellationToken) is { } reason)
            return reason;
        using var client = clients.Of(worker);
        while (!await AnswersWellAsync(client, path, cancellationToken))
            await Task.Delay(s_probeInterval, worker.Time, cancellationToken);
        return null;
    }

    private async Task AskPubliclyAsync(Worker worker, string path, CancellationToken cancellationToken)
    {
        using var client = clients.Of(worker);
        while (!await AnswersWellAsync(client, path, cancellationToken))
            await Task.Delay(s_probeInterval, worker.Time, cancellationToken);
    }

    private static async Task<bool> AnswersWellAsync(IGenerationClient client, string path, CancellationToken cancellationToken)
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

    /// <summary>Asks the worker whether it is healthy, as often as the configuration allows it to say no.</summary>
    /// <param name="worker">The worker, ready.</param>
    /// <param name="health">The check.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when it is healthy.</returns>
    /// <exception cref="WorkerFailedException">It exited or is not healthy.</exception>
    public async Task CheckHealthAsync(Worker worker, HealthModel health, CancellationToken cancellationToken)
    {
        using var client = clients.Of(worker);
        var check = new HealthCheck(client, health, worker.Time);
        for (var attempt = 1; ; attempt++)
        {
            if (await check.FindFaultAsync(cancellationToken) is not { } fault)
                return;
            if (worker.Exited.IsCompleted)
                throw await ExitedAsync(worker);
            if (attempt >= health.FailuresMax)
                throw new WorkerFailedException(DeploymentFailure.HealthCheckFailed, fault, worker.LastLines);
            await Task.Delay(health.Interval, worker.Time, cancellationToken);
        }
    }

    /// <summary>Sends the worker its warm-up requests.</summary>
    /// <param name="worker">The worker, ready, with a private way in.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when all are answered.</returns>
    /// <exception cref="WorkerFailedException">It exited, or answered one of them with an error.</exception>
    public async Task WarmUpAsync(Worker worker, CancellationToken cancellationToken)
    {
        using var client = clients.Of(worker);
        var warmUp = new WarmUp(client, service.WarmUp, service.Ready.Timeout, worker.Time);
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

    private string ExplainLateness(Worker worker, StateHandOver state)
    {
        var waited = $"The new generation (process {worker.Pid}) was not ready within " +
            $"{service.Ready.Timeout.TotalSeconds:0.###} s";
        if (state.WaitsFor is { } late)
            return $"{waited}: {late}. Look at its last lines; give it longer with \"ready\": {{\"timeout_ms\": ...}}.";
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
