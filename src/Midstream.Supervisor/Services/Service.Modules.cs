using Midstream.Control.Operators;
using Midstream.Core.Deployments;
using Midstream.Core.Modules;
using Midstream.Releases;
using Midstream.Supervisor.Modules;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

// What operators can ask of the modules: parts of the application that are replaced inside the workers.

internal sealed partial class Service
{
    private static readonly TimeSpan s_listTime = TimeSpan.FromSeconds(10);

    /// <summary>Puts packages in the place of what serves in their slots, in every worker.</summary>
    /// <param name="request">The packages.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the move.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> DeployModulesAsync(
        ModuleDeployRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        ChangeModulesAsync(new Operation("module-deploy", who, onPhase, time), async (operation, there, givenUp) =>
        {
            operation.Enter(DeploymentPhase.Store, string.Join(", ", request.Folders));
            var wishes = new List<KeyValuePair<string, DesiredModule?>>();
            var names = new List<string>();
            foreach (var folder in request.Folders)
            {
                var package = await Shelf.AddAsync(folder, givenUp);
                var name = package.Manifest.Name;
                names.Add($"{name} {package.Manifest.Version} ({package.Stored.Id})");
                operation.Subject = string.Join(", ", names);
                if (wishes.Exists(wish => wish.Key == name))
                    throw new ModuleRequestException($"The module {name} is given twice.");
                wishes.Add(await WishAsync(name, package.Stored.Id, there.FirstOrDefault(one => one.Name == name), givenUp));
            }

            return wishes;
        }, cancelled, isWatched: !request.Unwatched);

    /// <summary>Puts the package that served before in the place of the one that serves.</summary>
    /// <param name="request">The module.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the move.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> RollbackModuleAsync(
        ModuleRollbackRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        ChangeModulesAsync(new Operation("module-rollback", who, onPhase, time), async (operation, there, givenUp) =>
        {
            operation.Subject = request.Module;
            operation.Enter(DeploymentPhase.Store, request.Module);
            var wished = Shelf.Set.Modules.GetValueOrDefault(request.Module);
            if (wished is { Canary: not null })
                return [new(request.Module, wished with { Canary = null })];
            if (wished is not { Previous: { } previous })
                throw new ModuleRequestException($"There is no package of module {request.Module} to go back to. " +
                    "'midstream module list' shows what there is.");
            var package = Shelf.Find(previous);
            operation.Subject = $"{request.Module} {package.Manifest.Version} ({previous})";
            return [await WishAsync(request.Module, previous, there.FirstOrDefault(one => one.Name == request.Module), givenUp)];
        }, cancelled);

    /// <summary>Takes a module away.</summary>
    /// <param name="request">The module.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the move.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> RemoveModuleAsync(
        ModuleRemoveRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        ChangeModulesAsync(new Operation("module-remove", who, onPhase, time), async (operation, there, givenUp) =>
        {
            operation.Subject = request.Module;
            // One that was wished and could not be loaded is what an operator may want to be rid of.
            var module = there.FirstOrDefault(one => one.Name == request.Module);
            if ((module?.Package ?? Shelf.Set.Modules.GetValueOrDefault(request.Module)?.Package) is null)
                throw new ModuleRequestException(
                    $"There is no module {request.Module}. 'midstream module list' shows what there is.");
            if (there.FirstOrDefault(one => one.Needs.Contains(request.Module)) is { } user)
                throw new ModuleRequestException($"The module {user.Name} needs {request.Module}. Remove it first.");
            return [await WishAsync(request.Module, package: null, module, givenUp)];
        }, cancelled);

    /// <summary>Lets a package serve a part of the requests, or gives the one that does another rule.</summary>
    /// <param name="request">The package and the rule.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the move.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> CanaryModuleAsync(
        ModuleCanaryRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        ChangeModulesAsync(new Operation("module-canary", who, onPhase, time), async (operation, there, givenUp) =>
        {
            if (request.Rule.FindMistakes() is { Count: > 0 } mistakes)
                throw new ModuleRequestException($"The canary's rule is wrong: {string.Join(' ', mistakes)}");
            if (request is { Module: { } known, Folder: null })
                return [ChangeRule(known, request.Rule, operation)];
            if (request is not { Folder: { } folder, Module: null })
                throw new ModuleRequestException("Name the canary's package, or the module whose canary is to get another rule.");
            operation.Enter(DeploymentPhase.Store, folder);
            var package = await Shelf.AddAsync(folder, givenUp);
            var (name, id) = (package.Manifest.Name, package.Stored.Id);
            operation.Subject = $"{name} {package.Manifest.Version} ({id})";
            if (there.FirstOrDefault(one => one.Name == name) is not { Package: { } serving } module)
                throw new ModuleRequestException(
                    $"No module {name} serves that this could be a canary of. Use 'midstream module deploy'.");
            if (serving == id)
                throw new ModuleRequestException($"Package {id} is what serves already; there is nothing to try.");
            var wish = await WishAsync(name, serving, module, givenUp);
            return [new(name, wish.Value! with { Canary = new DesiredCanary(id, request.Rule) })];
        }, cancelled);

    /// <summary>Lets a canary take over.</summary>
    /// <param name="request">The module.</param>
    /// <param name="who">Who asks.</param>
    /// <param name="onPhase">Told of each phase as it begins.</param>
    /// <param name="cancelled">Gives it up, until the move.</param>
    /// <returns>A result, or a refusal.</returns>
    public Task<OperatorEvent> PromoteModuleAsync(
        ModulePromoteRequest request, Operator who, Action<PhaseEvent> onPhase, CancellationToken cancelled) =>
        ChangeModulesAsync(new Operation("module-promote", who, onPhase, time), async (operation, there, givenUp) =>
        {
            if (Shelf.Set.Modules.GetValueOrDefault(request.Module) is not { Canary: { } canary })
                throw new ModuleRequestException($"No canary of a module {request.Module} serves.");
            operation.Subject = $"{request.Module} {Shelf.VersionOf(canary.Package)} ({canary.Package})";
            return [await WishAsync(
                request.Module, canary.Package, there.FirstOrDefault(one => one.Name == request.Module), givenUp)];
        }, cancelled);

    /// <summary>Says what modules there are.</summary>
    /// <param name="request">Which.</param>
    /// <returns>The modules, or a refusal.</returns>
    public async Task<OperatorEvent> ListModulesAsync(ModulesRequest request)
    {
        try
        {
            var workers = await Task.WhenAll(situation.Pool.Serving.Select(worker => ListAsync(worker, request)));
            if (request.Module is { } name && workers.All(worker => worker.Modules.Count == 0) && workers.Any(
                worker => worker.Problem is null) && !Shelf.Set.Modules.ContainsKey(name))
                return new RefusedEvent(
                    Refusals.BadRequest, $"There is no module {name}. 'midstream module list' shows what there is.");
            return new ModulesEvent(
                [.. Shelf.Set.Modules.Where(wish => request.Module is null || wish.Key == request.Module).Select(wish =>
                    new WishedModule(
                        wish.Key, wish.Value.Package, Shelf.VersionOf(wish.Value.Package), wish.Value.Previous,
                        Shelf.VersionOf(wish.Value.Previous), wish.Value.Canary))],
                workers);
        }
        catch (ModuleRequestException none)
        {
            return new RefusedEvent(Refusals.BadRequest, none.Message);
        }
    }

    private ModuleShelf Shelf => shelf ?? throw new ModuleRequestException("This supervisor keeps no modules.");

    private static async Task<WorkerModules> ListAsync(Worker worker, ModulesRequest request)
    {
        try
        {
            using var patience = new Patience(s_listTime, worker.Time);
            var there = await ModuleCall.ListAsync(worker, request.Module, patience.Token, request.Tracer);
            return new WorkerModules(worker.Name.ToString(), there.Modules, there.More, Pid: worker.Pid);
        }
        catch (Exception silent) when (silent is WorkerFailedException or OperationCanceledException)
        {
            return new WorkerModules(worker.Name.ToString(), [], Problem: $"It does not answer: {silent.Message}");
        }
    }

    private Task<OperatorEvent> ChangeModulesAsync(
        Operation operation,
        Func<Operation, IReadOnlyList<ModuleSummary>, CancellationToken,
            Task<IReadOnlyList<KeyValuePair<string, DesiredModule?>>>> wish,
        CancellationToken cancelled,
        bool isWatched = true) =>
        RunAsync(operation, async _ =>
        {
            using var givenUp = GivenUpBy(operation, cancelled);
            try
            {
                var first = situation.Pool.Serving.FirstOrDefault(worker => !worker.IsHung)
                    ?? throw new ModuleRequestException("No worker serves whose modules could be changed.");
                var there = (await ModuleCall.ListAsync(first, module: null, givenUp.Token)).Modules;
                var wishes = await wish(operation, there, givenUp.Token);
                return await RollAsync(Shelf.Set.With(wishes), operation, isWatched, givenUp.Token);
            }
            catch (WorkerFailedException failed)
            {
                return Ended(Outcomes.Failed, operation, failed.Message, failed.Failure);
            }
        });

    private async Task<ResultEvent> RollAsync(
        DesiredSet next, Operation operation, bool isWatched, CancellationToken givenUp)
    {
        var before = Shelf.Set;
        var outcome = await modules!.RunAsync(
            next, operation, isWatched ? settings.Model.Probation.Modules : TimeSpan.Zero, givenUp, stopping);
        if (outcome.Failure is { } failed)
            return Ended(
                outcome.HasGoneBack ? Outcomes.RolledBack : Outcomes.Failed, operation,
                outcome.HasGoneBack ? $"{failed.Message} What served before serves again." : failed.Message,
                failed.Failure) with
            {
                LastLines = failed.LastLines is { Count: > 0 } lines ? lines : null,
            };
        PruneModules();
        // A wish that no worker could follow may have been changed, and no worker has to follow that.
        if (outcome.Changes.Count == 0 && next.Modules.All(
            wish => before.Modules.GetValueOrDefault(wish.Key)?.Package == wish.Value.Package))
            return Ended(Outcomes.Unchanged, operation, "This is what serves already; nothing was changed.");
        operation.Enter(DeploymentPhase.Committed);
        return Ended(Outcomes.Committed, operation, reason: null) with { Modules = outcome.Changes };
    }

    private KeyValuePair<string, DesiredModule?> ChangeRule(string module, CanaryRule rule, Operation operation)
    {
        operation.Subject = module;
        operation.Enter(DeploymentPhase.Store, module);
        if (Shelf.Set.Modules.GetValueOrDefault(module) is not { Canary: { } canary } wished)
            throw new ModuleRequestException(
                $"No canary of a module {module} serves. To begin one, name the folder of its package.");
        operation.Subject = $"{module} {Shelf.VersionOf(canary.Package)} ({canary.Package})";
        return new(module, wished with { Canary = canary with { Rule = rule } });
    }

    // What was shipped and is replaced is kept as well: the release it came with may be gone when it is wanted back.
    private async Task<KeyValuePair<string, DesiredModule?>> WishAsync(
        string name, string? package, ModuleSummary? there, CancellationToken givenUp)
    {
        var wished = Shelf.Set.Modules.GetValueOrDefault(name);
        if (there?.Package is { } serving && serving == there.Shipped && Shelf.FolderOf(serving) is null
            && there.ShippedFolder is { } shipped)
            await Shelf.AddAsync(shipped, givenUp);
        var previous = there?.Package is { } replaced && replaced != package ? replaced : wished?.Previous;
        return new(name, new DesiredModule(package, previous, there?.Shipped));
    }

    private void PruneModules()
    {
        try
        {
            Shelf.Prune(settings.Model.Releases.Keep);
        }
        catch (Exception kept) when (kept is ReleaseStoreException or IOException)
        {
            observer.Warning("PackagesNotPruned", $"Old packages could not be removed from the store: {kept.Message}");
        }
    }
}
