using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Signals;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Ends all workers, when the supervisor stops.</summary>
internal sealed class Shutdown(
    ServiceSettings settings, ServiceSituation situation, StopWishes wishes, TimeProvider time, ISupervisorObserver observer)
{
    // An operation whose workers are all dead has nothing left to wait for.
    private static readonly TimeSpan s_lastSteps = TimeSpan.FromSeconds(30);

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
                await underWay.CutShortAsync();
        }

        await StopAllAsync(isGraceful);
        if (underWay is { Ended.IsCompleted: false })
        {
            // What it does in its last steps must not be left behind.
            await Task.WhenAny(underWay.Ended, Task.Delay(s_lastSteps, time));
            await StopAllAsync(isGraceful);
        }

        observer.Information("Stopped", "The service is stopped.");
    }

    private Task StopAllAsync(bool isGraceful) => Task.WhenAll(
        situation.Pool.Workers.Concat(situation.Pool.LettingGo).Distinct().Select(worker => StopAsync(worker, isGraceful)));

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
