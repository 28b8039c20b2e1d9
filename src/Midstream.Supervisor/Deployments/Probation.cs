using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Deployments;

/// <summary>What went wrong in a probation.</summary>
/// <param name="Failure">The stage and the culprit.</param>
/// <param name="Reason">What happened.</param>
internal sealed record ProbationFault(DeploymentFailure Failure, string Reason);

/// <summary>Watches a generation that serves but is not permanent yet.</summary>
/// <param name="service">How long, and what counts as a fault.</param>
/// <param name="listeners">The sockets it is asked on.</param>
internal sealed class Probation(ServiceModel service, ListenerSet listeners)
{
    /// <summary>Watches until the time is over or something is wrong.</summary>
    /// <param name="worker">The generation.</param>
    /// <param name="cancellationToken">The supervisor stops: what has lasted until then has stood the test.</param>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<ProbationFault?> FindFaultAsync(Worker worker, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(service.Probation.Duration);
        var unhealthy = WatchHealthAsync(worker, over.Token);
        var first = await Task.WhenAny(unhealthy, worker.Exited);
        if (first == unhealthy && await unhealthy is { } reason)
            return new ProbationFault(DeploymentFailure.HealthFailedInProbation, reason);
        if (!worker.Exited.IsCompleted)
            return null;

        await over.CancelAsync();
        await unhealthy;
        await worker.OutputEndedAsync();
        return new ProbationFault(
            DeploymentFailure.WorkerCrashedInProbation,
            $"The new generation (process {worker.Pid}) {await worker.Exited} in its probation.");
    }

    private async Task<string?> WatchHealthAsync(Worker worker, CancellationToken over)
    {
        try
        {
            if (service.Health is not { } health)
                return await NeverAsync(over);
            using var client = new GenerationClient(worker, listeners.All[0]);
            var check = new HealthCheck(client, health);
            for (var failures = 0; ;)
            {
                await Task.Delay(health.Interval, over);
                var fault = await check.FindFaultAsync(over);
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
