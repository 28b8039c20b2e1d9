using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Ends all workers, when the supervisor stops.</summary>
internal sealed class Shutdown(
    ServiceSettings settings, ServiceSituation situation, StopWishes wishes, ISupervisorObserver observer)
{
    /// <summary>Ends them.</summary>
    /// <param name="isGraceful">True to let clients go as their protocol announces before.</param>
    /// <param name="underWay">The operation that the stop has met; null when there is none.</param>
    /// <returns>A task that ends when no worker is left.</returns>
    public async Task RunAsync(bool isGraceful, Operation? underWay)
    {
        if (underWay is not null)
        {
            await Task.WhenAny(underWay.Ended, wishes.AtOnce);
            if (!underWay.Ended.IsCompleted)
                await Task.WhenAll(underWay.NewWorkers.Select(worker => worker.KillAsync()));
        }

        // What an operation that is not over has started, it lets go of itself.
        var workers = situation.Pool.Workers.Concat(situation.Pool.LettingGo).Distinct().ToList();
        await Task.WhenAll(workers.Select(worker => StopAsync(worker, isGraceful)));
        observer.Information("Stopped", "The service is stopped.");
    }

    private async Task StopAsync(Worker worker, bool isGraceful)
    {
        var stopped = StopInOrderAsync(worker, isGraceful);
        if (await Task.WhenAny(stopped, wishes.AtOnce) == wishes.AtOnce)
            await worker.KillAsync();
        await stopped;
        await worker.DisposeAsync();
    }

    private async Task StopInOrderAsync(Worker worker, bool isGraceful)
    {
        var service = settings.Model;
        if (isGraceful && !worker.Exited.IsCompleted)
            await Switch.DrainAsync(worker, handOver: null, service);
        await worker.StopAsync(service.Stop.Signal, service.Stop.Timeout);
    }
}
