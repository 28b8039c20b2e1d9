using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.Modules.Slots;
using Midstream.Modules.Unloading;

namespace Midstream.Modules.Swaps;

/// <summary>Ends generations: their last requests, their start undone, their services disposed of, their code unloaded. Each
/// step is the module's own code, bounded, and what it throws harms nobody.</summary>
internal sealed partial class GenerationEnd(
    ModulesOptions options, UnloadWatch watch, LeakBudget budget, ILogger<GenerationEnd> logger)
{
    /// <summary>Ends a generation that serves no new request any more, or never has.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="isLast">Whether the process ends with it, so that its memory is of no interest.</param>
    public async Task<Retirement> RetireAsync(ModuleGeneration generation, bool isLast = false)
    {
        var begun = Stopwatch.GetTimestamp();
        var faults = new List<string>();
        IReadOnlyList<string> aborted = [];
        if (generation.State is ModuleState.Canary or ModuleState.Serving or ModuleState.Paused)
            aborted = await DrainAsync(generation, faults);
        else
            generation.Leases.Close();
        var drained = Stopwatch.GetElapsedTime(begun);
        generation.Happened(ModuleEvent.Ended);
        var subject = await StopAsync(generation, faults);
        var verdict = subject is null || isLast
            ? new UnloadVerdict(UnloadOutcome.Collected, TimeSpan.Zero, [])
            : await watch.WatchAsync(generation, subject);
        generation.Decide(verdict);
        foreach (var fault in faults)
            LogFault(generation.Name, generation.Number, fault);
        if (verdict.Outcome != UnloadOutcome.Collected)
            budget.Check(generation.Slot);
        LogEnded(generation.Name, generation.Number, verdict.Outcome, verdict.Elapsed.TotalMilliseconds);
        return new Retirement(generation.Name, generation.Number, drained, aborted, faults, verdict);
    }

    /// <summary>Pauses a generation that may serve again: ends its requests, then its hosted services. What it was lent and
    /// what runs in its context goes on.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="wantedBack">Cancelled when it is to serve again, or to end: its last requests are not waited for
    /// then.</param>
    public async Task PauseAsync(ModuleGeneration generation, CancellationToken wantedBack)
    {
        var faults = new List<string>();
        var loaded = generation.Loaded!;
        generation.Leases.Close();
        var drained = generation.Leases.Drained!;
        await TryAsync("drain", loaded.Lent.BeginDrainAsync, faults);
        await Task.WhenAny(drained, Task.Delay(options.DrainTimeout, wantedBack));
        if (wantedBack.IsCancellationRequested)
            return;
        if (!drained.IsCompleted)
            generation.Leases.Abort();
        while (loaded.Started.TryPop(out var service))
            await TryAsync(service.GetType().Name, () => StopAsync(service.StopAsync), faults);
        foreach (var fault in faults)
            LogFault(generation.Name, generation.Number, fault);
    }

    private async Task<IReadOnlyList<string>> DrainAsync(ModuleGeneration generation, List<string> faults)
    {
        generation.Happened(ModuleEvent.MovedOut);
        generation.Leases.Close();
        await TryAsync("drain", () => generation.Loaded!.Lent.BeginDrainAsync(), faults);
        if (await EndsAsync(generation.Leases.Drained!, options.DrainTimeout))
            return [];
        await TryAsync("stopping token", () => generation.Loaded!.Lent.BeginStopAsync(), faults);
        var aborted = generation.Leases.Abort();
        if (!await EndsAsync(generation.Leases.Drained!, options.StopTimeout))
            faults.Add($"{generation.Leases.UnderWay().Count} requests go on though they were aborted, of: " +
                string.Join(", ", aborted));
        return aborted;
    }

    // Returns what tells that the code is gone; null when none was loaded.
    private async Task<UnloadSubject?> StopAsync(ModuleGeneration generation, List<string> faults)
    {
        if (generation.Detach() is not { } loaded)
        {
            generation.Happened(ModuleEvent.Stopped);
            return null;
        }

        await TryAsync("stopping token", loaded.Lent.BeginStopAsync, faults);
        while (loaded.Started.TryPop(out var service))
            await TryAsync(service.GetType().Name, () => StopAsync(service.StopAsync), faults);
        if (loaded.IsStarted)
            await TryAsync("stop", () => StopAsync(loaded.Module.StopAsync), faults);
        await TryAsync($"work ({string.Join(", ", loaded.Lent.Running)})", loaded.Lent.EndWorkAsync, faults);
        if (loaded.Services is { } services)
            await TryAsync("disposal of services", () => services.DisposeAsync().AsTask(), faults);
        await TryAsync("disposal", () => DisposeAsync(loaded.Module), faults);
        await TryAsync("disposal of what was lent", () => Task.Run(loaded.Lent.Dispose), faults);
        generation.Happened(ModuleEvent.Stopped);
        return UnloadSubject.Unload(loaded, generation.Package.Manifest.IsPinned);
    }

    private async Task StopAsync(Func<CancellationToken, Task> stop)
    {
        using var patience = new CancellationTokenSource(options.StopTimeout);
        await stop(patience.Token);
    }

    private static async Task DisposeAsync(IModule? module)
    {
        if (module is IAsyncDisposable both)
            await both.DisposeAsync();
        else
            (module as IDisposable)?.Dispose();
    }

    private async Task TryAsync(string what, Func<Task> work, List<string> faults)
    {
        try
        {
            await Task.Run(work).WaitAsync(options.StopTimeout);
        }
        catch (TimeoutException)
        {
            faults.Add($"{what}: has not ended within {options.StopTimeout.TotalSeconds:0.###} s, and is left behind.");
        }
        catch (Exception failed)
        {
            faults.Add($"{what}: {failed.GetType().Name}: {failed.Message}");
        }
    }

    private static async Task<bool> EndsAsync(Task task, TimeSpan patience)
    {
        await Task.WhenAny(task, Task.Delay(patience));
        return task.IsCompleted;
    }

    [LoggerMessage(EventId = 310, EventName = "ModuleGenerationEnded", Level = LogLevel.Information,
        Message = "Module {Module}, generation {Generation}, has ended: {Outcome} after {ElapsedMs:0} ms.")]
    private partial void LogEnded(string module, long generation, UnloadOutcome outcome, double elapsedMs);

    [LoggerMessage(EventId = 311, EventName = "ModuleGenerationFault", Level = LogLevel.Warning,
        Message = "Module {Module}, generation {Generation}, did not end as it should: {Fault}")]
    private partial void LogFault(string module, long generation, string fault);
}
