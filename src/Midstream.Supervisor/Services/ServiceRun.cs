using Midstream.Control.Operators;
using Midstream.Releases;
using Midstream.Supervisor.Deployments;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Reserves;
using Midstream.Supervisor.Succession;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>
/// One service from its first generation, or the workers it is taken over with, to its end: the parts that decide, put together.
/// What they decide over is given to them; see <see cref="Surroundings"/>.
/// </summary>
internal sealed class ServiceRun : IDisposable
{
    private readonly Surroundings _around;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ModuleRoll? _modules;
    private readonly FirstRelease _first;
    private readonly TakeOver _takeOver;
    private readonly Care _care;
    private readonly Arrears _arrears;
    private readonly StandbyKeeper _standby;
    private readonly Shutdown _shutdown;

    /// <summary>Puts the parts together.</summary>
    /// <param name="around">What they decide over.</param>
    /// <param name="options">What the supervisor is started with.</param>
    public ServiceRun(Surroundings around, SupervisorOptions options)
    {
        _around = around;
        var (settings, situation, time, observer) = (around.Settings, around.Situation, around.Time, around.Observer);
        Lease = new LeaseHolder(new LeaseKeeper(settings.Model.Stop.Timeout));
        Reserve = new Reserve(
            settings, around.Listeners, around.Clients, around.OnAssigned, observer, () => around.Modules?.ForWorkers);
        var proof = around.Modules is { } set
            ? new ModuleProof(set, () => situation.Pool.Serving.Any(worker => !worker.IsHung), observer) : null;
        var reserveStarter = new ReserveStarter(settings, around.Listeners, around.Clients, around.Launcher, Reserve, proof);
        Preparation = new Preparation(settings, situation, Slot, Reserve, reserveStarter, time, observer);
        _standby = new StandbyKeeper(settings, situation, Slot, around.Store, Reserve, reserveStarter, time, observer);
        var starter = new WorkerStarter(settings, around.Clients, around.Launcher, Reserve, proof);
        var roll = new Roll(settings, situation, starter, Lease);
        var probation = new Probation(settings, around.Clients, time);
        var replacement = new Replacement(settings, situation, around.Store, roll, probation, observer);
        _modules = around.Modules is { } shelf
            ? new ModuleRoll(
                shelf, situation, settings, new ModuleProbation(probation, time), complaint => Upkeep?.Complain(complaint),
                observer)
            : null;
        Service = new Service(
            settings, situation, around.Store, around.Listeners, around.Reloads, replacement, Preparation, Slot, around.Ledger,
            time, observer, _stopping.Token, around.Modules, _modules, around.PidFile);
        _first = new FirstRelease(options, situation, around.Store, Service, observer);
        _takeOver = new TakeOver(settings, situation, around.Store, roll, replacement, Lease, observer);
        Upkeep = new Upkeep(situation, Slot, settings, Service.RefillAsync, time, observer,
            standbys: () => Reserve.CountFor(situation.State.Current));
        _care = new Care(settings, situation, Slot, around.Clients, around.Watch, Reserve, Upkeep, around.OnHung, time);
        _arrears = new Arrears(situation, Slot, Lease, time, observer);
        _shutdown = new Shutdown(settings, situation, around.Wishes, time, observer);
    }

    /// <summary>Gets the slot of operations.</summary>
    public OperationSlot Slot { get; } = new();

    /// <summary>Gets what operators can ask for.</summary>
    public Service Service { get; }

    /// <summary>Gets who runs the singular services.</summary>
    public LeaseHolder Lease { get; }

    /// <summary>Gets what keeps every slot served.</summary>
    public Upkeep Upkeep { get; }

    /// <summary>Gets the workers that wait and serve nobody.</summary>
    public Reserve Reserve { get; }

    /// <summary>Gets what is prepared.</summary>
    public Preparation Preparation { get; }

    /// <summary>Gets a token that is cancelled when the service stops.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts the first generation, or goes on with the workers there are.</summary>
    /// <param name="found">The workers whose supervisor was killed; empty when there are none.</param>
    /// <param name="interrupted">Gives it up.</param>
    /// <returns>A result, or a refusal; with a release when it serves.</returns>
    /// <exception cref="SupervisorException">There is nothing to start.</exception>
    public async Task<OperatorEvent> BeginAsync(IReadOnlyList<Worker> found, CancellationToken interrupted)
    {
        if (found.Count == 0)
            return await StartAsync(await _first.ChooseAsync(interrupted), interrupted);
        var answer = await Service.TakeOverAsync(async (operation, stopping) =>
        {
            var result = await _takeOver.RunAsync(found, operation, stopping);
            await (_modules?.SettleAsync() ?? Task.CompletedTask);
            return result;
        });
        // Who lives serves, also when a worker that is missing cannot be started: that is the upkeep's affair.
        return _around.Situation.Serving is { } serving && answer is ResultEvent result
            ? result with { Release = serving.Release, Generation = serving.Generation } : answer;
    }

    /// <summary>Keeps the slots served, until it is left.</summary>
    /// <param name="leaving">The supervisor stops, or another program follows it.</param>
    /// <returns>A task that ends then.</returns>
    public Task KeepAsync(CancellationToken leaving)
    {
        Upkeep.FoundEmpty(_around.Situation.EmptySlots(_around.Settings));
        return Task.WhenAll(
            Upkeep.RunAsync(leaving), _care.RunAsync(leaving), _arrears.RunAsync(leaving), _standby.RunAsync(leaving),
            Preparation.WatchAsync(leaving));
    }

    /// <summary>Ends who waits, for another program follows this one. That one starts its own: who waits has no clients, and a
    /// worker less is a thing less to hand over.</summary>
    /// <returns>A task that ends when they are gone.</returns>
    public async Task LeaveAsync()
    {
        await Preparation.DiscardAsync("the supervisor becomes another program");
        await Reserve.CloseAsync();
    }

    /// <summary>Lets no more operations begin, and ends all workers.</summary>
    /// <returns>A task that ends when no worker is left.</returns>
    public async Task EndAsync()
    {
        var underWay = Slot.Close();
        await _stopping.CancelAsync();
        var isGraceful = _around.Wishes.First is { IsCompletedSuccessfully: true, Result.IsGraceful: true };
        await Task.WhenAll(Reserve.CloseAsync(), _shutdown.RunAsync(isGraceful, underWay));
    }

    public void Dispose() => _stopping.Dispose();

    private Task<OperatorEvent> StartAsync(StoredRelease release, CancellationToken interrupted) =>
        Service.StartAsync(
            release, phase => _around.Observer.Information("Phase", $"{phase.Phase}: {phase.Detail}"), interrupted);
}
