using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>What went wrong in a probation.</summary>
/// <param name="Failure">The stage and the culprit.</param>
/// <param name="Reason">What happened.</param>
/// <param name="Culprit">The worker.</param>
internal sealed record ProbationFault(DeploymentFailure Failure, string Reason, Worker Culprit);

/// <summary>Watches a generation that serves but is not permanent yet.</summary>
/// <param name="settings">What counts as a fault.</param>
/// <param name="clients">Ask it.</param>
/// <param name="time">The clock.</param>
internal sealed class Probation(ServiceSettings settings, IGenerationClients clients, TimeProvider time)
{
    /// <summary>Watches until the time is over or something is wrong.</summary>
    /// <param name="workers">The generation's workers.</param>
    /// <param name="duration">How long.</param>
    /// <param name="cancellationToken">The supervisor stops: what has lasted until then has stood the test.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<ProbationFault?> FindFaultAsync(
        IReadOnlyList<Worker> workers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var service = settings.Model;
        using var over = new Patience(duration, time, cancellationToken);
        var watches = workers.Select(worker => FindFaultAsync(worker, service.Health, over)).ToList();
        while (watches.Count > 0)
        {
            var done = await Task.WhenAny(watches);
            watches.Remove(done);
            if (await done is not { } fault)
                continue;
            await over.EndAsync();
            await Task.WhenAll(watches);
            return fault;
        }

        return null;
    }

    private async Task<ProbationFault?> FindFaultAsync(Worker worker, HealthModel? health, Patience over)
    {
        var unhealthy = WatchHealthAsync(worker, health, over.Token);
        var first = await Task.WhenAny(unhealthy, worker.Exited);
        if (first == unhealthy && await unhealthy is { } reason)
            return new ProbationFault(DeploymentFailure.HealthFailedInProbation, reason, worker);
        if (!worker.Exited.IsCompleted)
            return null;

        await over.EndAsync();
        await unhealthy;
        await worker.OutputEndedAsync();
        return new ProbationFault(
            DeploymentFailure.WorkerCrashedInProbation,
            $"The new generation (process {worker.Pid}) {await worker.Exited} in its probation.",
            worker);
    }

    private async Task<string?> WatchHealthAsync(Worker worker, HealthModel? health, CancellationToken over)
    {
        try
        {
            if (health is null)
                return await NeverAsync(over);
            using var client = clients.Of(worker);
            var check = new HealthCheck(client, health, time);
            for (var failures = 0; ;)
            {
                await Task.Delay(health.Interval, time, over);
                var fault = await check.FindFaultAsync(over);
                if (!check.CouldAsk)
                    continue;
                failures = fault is null ? 0 : failures + 1;
                if (failures >= health.FailuresMax)
                    return fault;
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<string?> NeverAsync(CancellationToken over)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, over);
        return null;
    }
}
