// What a supervisor reaches simulated workers by: it starts them, and asks them over HTTP.

using System.Net;
using Midstream.Core.Deployments;
using Midstream.Releases;
using Midstream.Simulation.Scheduling;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Workers;

namespace Midstream.Simulation.World;

internal sealed class LauncherOf(Era era, Machine machine, Action<Worker> onBorn) : IWorkerLauncher
{
    public Worker Launch(WorkerName name, StoredRelease release)
    {
        if (machine.IsFaulty && machine.Temper.WorkersFail && machine.Dice.OneIn(30))
            throw new WorkerFailedException(DeploymentFailure.CannotStart, "It cannot be started.", []);
        SimulatedWorker? started = null;
        era.TryAffect(() => started = machine.Start(name, machine.FindRelease(release.Id)!));
        // Of a supervisor that has died over it nothing is heard any more.
        if (started is null)
            throw new WorkerFailedException(DeploymentFailure.CannotStart, "The supervisor is dead.", []);
        var worker = machine.Supervisor!.Hold(started, past: null);
        onBorn(worker);
        return worker;
    }
}

internal sealed class ClientsOf(Era era, Machine machine) : IGenerationClients
{
    public IGenerationClient Of(Worker worker) =>
        new Client(era, machine, machine.Workers.Find(known => known.Pid == worker.Pid)!);

    private sealed class Client(Era era, Machine machine, SimulatedWorker worker) : IGenerationClient
    {
        public async Task<HttpStatusCode> GetAsync(string path, CancellationToken cancellationToken)
        {
            await Task.Delay(machine.Latency(TimeSpan.FromMilliseconds(30)), era.Time, cancellationToken);
            if (!worker.IsAlive)
                throw new HttpRequestException("Connection refused.");
            if (worker.IsHung)
                await Task.Delay(Timeout.InfiniteTimeSpan, era.Time, cancellationToken);
            return worker.HasFlaw(Flaw.IsUnhealthy) ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
        }

        public async Task<HttpStatusCode?> SendPrivatelyAsync(
            HttpRequestMessage request, CancellationToken cancellationToken) => await GetAsync("/", cancellationToken);

        public void Dispose()
        {
            // There is nothing behind it.
        }
    }
}
