using Midstream.Control.Workers;
using Midstream.Core.Configuration;
using Midstream.Core.Deployments;
using Midstream.Core.Generations;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Requests;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Sockets;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Reserves;

/// <summary>
/// Brings workers into the reserve, all of them or none. One that takes state over stays before its application's start: what it
/// would import now is old by the time it serves, and there is one moment only, the switch, at which state passes from one to the
/// next.
/// </summary>
internal sealed class ReserveStarter(
    ServiceSettings settings,
    ListenerSet listeners,
    IGenerationClients clients,
    IWorkerLauncher launcher,
    Reserve reserve,
    ModuleProof? modules = null)
{
    private static readonly TimeSpan s_sameMoment = TimeSpan.FromSeconds(1);

    /// <summary>Starts workers and lets them wait.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="release">The release.</param>
    /// <param name="progress">Told of each phase as it begins.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <returns>A task that ends when they wait.</returns>
    /// <exception cref="WorkerFailedException">One of them did not come so far, or has no gate; all are gone.</exception>
    /// <exception cref="OperationCanceledException">It was given up; all are gone.</exception>
    public async Task StartAsync(
        IReadOnlyList<WorkerName> names, StoredRelease release, IPhaseProgress progress, CancellationToken cancellationToken)
    {
        var (service, sockets) = (settings.Model, listeners.All);
        var workers = new List<Worker>();
        try
        {
            progress.Enter(DeploymentPhase.Start, $"{string.Join(", ", names)} of release {release.Id}");
            foreach (var name in names)
            {
                workers.Add(launcher.Launch(name, release));
                reserve.Begin(workers[^1]);
            }

            await Task.WhenAll(workers.Select(worker => ShowGateAsync(worker, service, cancellationToken)));
            var waitForState = workers.FindAll(worker => worker.Capabilities.Contains(WorkerCapabilities.State));
            await new WorkerProof(service, clients, modules).ProveAsync(
                [.. workers.Except(waitForState)],
                worker => new StateHandOver(old: null, worker, service.State.FreezeMax), progress, cancellationToken);
            if (!reserve.TryPut([.. workers.Select(worker =>
                new Reservist(worker, service, sockets, worker.State == GenerationState.Ready))]))
                throw new OperationCanceledException("The supervisor stops.");
        }
        catch
        {
            await Task.WhenAll(workers.Select(EndAsync));
            throw;
        }
    }

    // A program that does not say hello has no gate: it accepts since it listens, and must not go on doing so.
    private static async Task ShowGateAsync(Worker worker, ServiceModel service, CancellationToken cancellationToken)
    {
        await Task.WhenAny(
            worker.SaidHello, worker.SaidReady, worker.Exited, Task.Delay(service.Ready.Timeout, worker.Time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        // The two words travel by two sockets: the second may be read first.
        if (worker.SaidReady.IsCompleted)
            await Task.WhenAny(worker.SaidHello, worker.Exited, Task.Delay(s_sameMoment, worker.Time, cancellationToken));
        if (worker.SpeaksMidstream || worker.Exited.IsCompleted)
            return;
        throw new WorkerFailedException(
            DeploymentFailure.NoGate,
            $"The new worker (process {worker.Pid}) does not speak Midstream's protocol, so it has no gate behind which it " +
                "could wait; it was ended.",
            worker.LastLines);
    }

    private async Task EndAsync(Worker worker)
    {
        reserve.Forget(worker);
        await worker.KillAsync();
        await worker.DisposeAsync();
    }
}
