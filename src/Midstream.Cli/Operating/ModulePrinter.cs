using System.Globalization;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;
using Midstream.Core.Modules;

namespace Midstream.Cli.Operating;

/// <summary>Prints modules for people.</summary>
internal static class ModulePrinter
{
    /// <summary>Prints a line for each module of each worker.</summary>
    public static void List(ModulesEvent modules, Paint paint)
    {
        Console.WriteLine($"{"worker",-10}{"module",-20}{"version",-16}{"generation",11}  {"package",-14}path");
        foreach (var worker in modules.Workers)
        {
            if (worker.Problem is { } problem)
                Console.WriteLine($"{worker.Worker,-10}{paint.Bad(Printable.Of(problem))}");
            foreach (var module in worker.Modules.Where(module => module.Package is not null))
                Console.WriteLine($"{worker.Worker,-10}{Printable.Of(module.Name),-20}{Printable.Of(module.Version),-16}" +
                    $"{module.Generation,11}  {module.Package,-14}{Printable.Of(module.Path)}{Missing(modules, module)}");
            foreach (var module in worker.Modules.Where(module => module.Canary is not null))
                Console.WriteLine($"{worker.Worker,-10}{Printable.Of(module.Name),-20}" +
                    $"{Printable.Of(module.Canary!.Version),-16}{module.Canary.Generation,11}  {module.Canary.Package,-14}" +
                    $"canary: {CanaryText.Of(module.Canary.Rule)}");
            foreach (var missing in MissingIn(modules, worker))
                Console.WriteLine($"{worker.Worker,-10}{Printable.Of(missing.Name),-20}{paint.Bad("not loaded")}; " +
                    "'midstream logs' says why");
            if (worker.More > 0)
                Console.WriteLine($"{worker.Worker,-10}and {worker.More} more");
        }
    }

    /// <summary>Prints each generation of a module that is in memory, and what keeps it there.</summary>
    public static void Explain(ModulesEvent modules, Paint paint)
    {
        foreach (var wish in modules.Modules)
            Console.WriteLine($"{Printable.Of(wish.Name)}: to be loaded {Package(wish.Package, wish.Version)}, " +
                $"before it {Package(wish.Previous, wish.PreviousVersion)}");
        foreach (var worker in modules.Workers)
        {
            if (worker.Problem is { } problem)
                Console.WriteLine($"{worker.Worker}: {paint.Bad(Printable.Of(problem))}");
            foreach (var generation in worker.Modules.SelectMany(module => module.Generations))
                Explain(worker.Worker, generation, paint);
            if (worker.Roots is { } roots)
                Explain(worker.Worker, roots, paint);
        }
    }

    /// <summary>Prints what became of modules in an operation.</summary>
    public static void Changes(IReadOnlyList<WorkerModuleChange> changes, Paint paint)
    {
        foreach (var worker in changes)
        {
            foreach (var move in worker.Moves)
                Console.WriteLine($"  {worker.Worker}: {Printable.Of(move.Module)} {Describe(move)}");
            if (worker.Endings is null)
                Console.WriteLine(
                    $"  {worker.Worker}: what was replaced still has requests; 'midstream module explain' shows them");
            foreach (var ending in worker.Endings ?? [])
                Explain(worker.Worker, ending, paint);
        }
    }

    private static string Describe(ModuleMove move) => move.Generation == 0 ? "is removed"
        : move.Canary is { } rule
            ? $"{Printable.Of(move.Version)} is its canary (generation {move.Generation}): {CanaryText.Of(rule)}"
            : $"{Printable.Of(move.Version)} serves (generation {move.Generation}{Freeze(move.FreezeMs)})";

    private static void Explain(string worker, ModuleGenerationSummary generation, Paint paint)
    {
        Console.WriteLine($"{worker}: generation {generation.Number}, version {Printable.Of(generation.Version)}, " +
            $"{State(generation.State, paint)}: {generation.Requests} requests, {generation.Failed} failed, " +
            $"{generation.UnderWay} under way, p50 {Ms(generation.P50Ms)}, p99 {Ms(generation.P99Ms)}");
        Explain(generation.Culprits);
    }

    private static void Explain(string worker, RootReport roots, Paint paint)
    {
        Console.WriteLine($"{worker}: was attached to, and stood still for {Ms(roots.StoodStillMs)}");
        if (roots.Problem is { } problem)
            Console.WriteLine($"    {paint.Bad(Printable.Of(problem))}");
        foreach (var context in roots.Contexts)
        {
            Console.WriteLine($"  {Printable.Of(context.Context)}{(context.IsInMemory ? "" : " is not in memory any more")}");
            Explain(context.Culprits);
        }

        if (roots is { Problem: null, IsComplete: false })
            Console.WriteLine($"    {paint.Bad("not all was looked at")}: the time was over. Give it more by --timeout.");
    }

    private static void Explain(string worker, ModuleEnding ending, Paint paint)
    {
        var aborted = ending.Aborted > 0 ? $", {ending.Aborted} requests aborted" : "";
        Console.WriteLine($"  {worker}: {Printable.Of(ending.Module)} generation {ending.Generation} is " +
            $"{State(ending.Outcome, paint)}, drained in {Ms(ending.DrainedMs)}{aborted}");
        foreach (var fault in ending.Faults)
            Console.WriteLine($"    {Printable.Of(fault)}");
        Explain(ending.Culprits);
    }

    private static void Explain(IReadOnlyList<UnloadCulprit> culprits)
    {
        foreach (var culprit in culprits)
            Console.WriteLine($"    kept by {Printable.Of(culprit.Holder)}, which holds {Printable.Of(culprit.Held)}. " +
                Printable.Of(culprit.Cure));
    }

    private static IEnumerable<WishedModule> MissingIn(ModulesEvent modules, WorkerModules worker) =>
        worker is { Problem: null, More: 0 }
            ? modules.Modules.Where(wish => wish.Package is not null
                && !worker.Modules.Any(module => module.Name == wish.Name && module.Package is not null))
            : [];

    // The application may have come with another package since.
    private static string Missing(ModulesEvent modules, ModuleSummary module) =>
        modules.Modules.FirstOrDefault(wish => wish.Name == module.Name) is { Package: { } wished } && wished != module.Package
            && module.Shipped != module.Package ? $"  (to be {wished})" : "";

    private static string Package(string? id, string? version) => id is null ? "none" : $"{version ?? "?"} ({id})";

    private static string State(string state, Paint paint) =>
        state is "pinned" ? paint.Bad(state) : state is "serving" or "collected" ? paint.Good(state) : state;

    private static string Freeze(double freezeMs) => freezeMs > 0 ? $", writers waited {Ms(freezeMs)}" : "";

    private static string Ms(double milliseconds) => milliseconds.ToString("0.## ms", CultureInfo.InvariantCulture);
}
