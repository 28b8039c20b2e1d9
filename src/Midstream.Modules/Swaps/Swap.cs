using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.Modules.Fit;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.State;

namespace Midstream.Modules.Swaps;

/// <summary>
/// One module's swap. Whoever drives it calls, in this order, <see cref="PrepareAsync"/>, <see cref="FreezeAsync"/>, and then
/// either <see cref="Commit"/> or <see cref="Abandon"/>: a group is prepared and frozen whole before any of it moves.
/// </summary>
internal sealed partial class Swap(
    SwapSurroundings with, ModuleSlot slot, ModulePackage package, IProgress<SwapPhase>? progress)
{
    private readonly ILogger _logger = with.Loggers.CreateLogger<Swap>();
    private readonly List<KeyValuePair<SwapPhase, TimeSpan>> _durations = [];
    private readonly ModuleGeneration? _old = with.Board.Find(slot.Name)?.Current;
    private readonly ModuleGeneration _new = slot.Begin(package, with.Clock.GetUtcNow());
    private SwapStep _step = new(SwapPhase.Verify, SwapOutcome.InProgress);
    private PackageFiles? _files;
    private StateTransfer? _transfer;
    private string? _reason;
    private IReadOnlyList<FitProblem> _problems = [];
    private long _frozenAt;
    private TimeSpan _freeze;

    public ModuleSlot Slot => slot;

    public ModulePackage Package => package;

    /// <summary>Gets what is put into the table of slots at the move.</summary>
    public SlotEntry Entry => new(
        slot.Name, package.Manifest.Path, package.Manifest.Hosts, new SlotTraffic(_new));

    /// <summary>Goes through all phases before the move.</summary>
    /// <param name="superseded">Cancelled when something newer is wanted.</param>
    /// <returns>Whether it is ready to move.</returns>
    public async Task<bool> PrepareAsync(CancellationToken superseded)
    {
        var options = with.Options;
        var isReady = await StepAsync(VerifyAsync, options.BuildTimeout, superseded)
            && await StepAsync(LoadAsync, options.BuildTimeout, superseded)
            && await StepAsync(BuildAsync, options.BuildTimeout, superseded)
            && await StepAsync(MigrateAsync, options.MigrateTimeout, superseded)
            && await StepAsync(StartAsync, options.StartTimeout, superseded)
            && await StepAsync(WarmUpAsync, options.WarmUpTimeout, superseded);
        _files = null;
        return isReady;
    }

    /// <summary>Makes the state stand still in the old generation and gives the new one the last of it.</summary>
    /// <returns>Whether the move cannot fail any more.</returns>
    public async Task<bool> FreezeAsync()
    {
        progress?.Report(SwapPhase.Move);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            _frozenAt = await _transfer!.FreezeAsync(with.Options.FreezeMax, CancellationToken.None);
            return true;
        }
        catch (Exception failed)
        {
            Note(Stopwatch.GetElapsedTime(begun), SwapEvent.Failed, Text(failed));
            return false;
        }
    }

    /// <summary>Puts the new generation in charge of the state. The reference has to be moved at once before this.</summary>
    public SwapResult Commit()
    {
        var begun = Stopwatch.GetTimestamp();
        _transfer!.Commit();
        _freeze = _frozenAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_frozenAt);
        Note(Stopwatch.GetElapsedTime(begun), SwapEvent.Succeeded, null);
        slot.PreviousPackage = _old?.Package.Stored.Id ?? slot.PreviousPackage;
        LogMoved(slot.Name, _new.Version, _new.Number);
        return Result(_old is null ? null : with.End.RetireAsync(_old));
    }

    /// <summary>Marks the new generation as serving: requests may come from the move on.</summary>
    public void BeginServing() => _new.Happened(ModuleEvent.MovedIn);

    /// <summary>Ends the new generation; the old one has not noticed anything.</summary>
    /// <param name="reason">Why, when nothing has failed in this swap itself.</param>
    public SwapResult Abandon(string? reason = null)
    {
        _files = null;
        _transfer?.Abandon();
        if (!_step.HasEnded)
            _step = _step with { Outcome = SwapOutcome.Abandoned };
        _reason ??= reason ?? "It was given up.";
        LogAbandoned(slot.Name, _new.Version, _new.Number, _step.Phase, _reason);
        return Result(with.End.RetireAsync(_new));
    }

    private SwapResult Result(Task<Retirement>? retirement) => new()
    {
        Outcome = _step.Outcome,
        Phase = _step.Phase,
        Module = slot.Name,
        Version = package.Manifest.Version,
        Generation = _new.Number,
        Package = package.Stored.Id,
        Reason = _reason,
        Problems = _problems,
        Durations = _durations,
        Freeze = _freeze,
        Retirement = retirement,
    };

    private async Task<bool> StepAsync(
        Func<CancellationToken, Task> work, TimeSpan timeout, CancellationToken superseded)
    {
        progress?.Report(_step.Phase);
        var begun = Stopwatch.GetTimestamp();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(superseded);
        patience.CancelAfter(timeout);
        var (happened, reason) = await TryAsync(work, timeout, patience.Token, superseded);
        Note(Stopwatch.GetElapsedTime(begun), happened, reason);
        return !_step.HasEnded;
    }

    // On a thread of its own: a module that hangs keeps that thread, and nobody else.
    private async Task<(SwapEvent Happened, string? Reason)> TryAsync(
        Func<CancellationToken, Task> work, TimeSpan timeout, CancellationToken patience, CancellationToken superseded)
    {
        try
        {
            await Task.Run(() => work(patience), CancellationToken.None).WaitAsync(patience);
            return (SwapEvent.Succeeded, null);
        }
        catch (OperationCanceledException) when (superseded.IsCancellationRequested)
        {
            return (SwapEvent.Superseded, "Something newer was asked of the same module, or whoever asked has gone.");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return (SwapEvent.Failed, $"It took longer than {timeout.TotalSeconds:0.###} s.");
        }
        catch (Exception failed)
        {
            return (SwapEvent.Failed, Text(failed));
        }
    }

    private void Note(TimeSpan elapsed, SwapEvent happened, string? reason)
    {
        _durations.Add(new(_step.Phase, elapsed));
        _step = SwapLifecycle.Next(_step.Phase, happened);
        _reason = reason;
    }

    // The text alone: an exception's stack trace would keep the module in memory for as long as the result is kept.
    private string Text(Exception failed)
    {
        if (failed is not ModulePackageException refused)
            return failed.ToString();
        _problems = refused.Problems;
        return refused.Message;
    }

    private Task VerifyAsync(CancellationToken patience)
    {
        _files = PackageFiles.Read(package.Stored.Folder);
        FitCheck.Verify(package, _files, with.Shared);
        return Task.CompletedTask;
    }

    private Task LoadAsync(CancellationToken patience)
    {
        with.Builder.Load(_new, _files!);
        return Task.CompletedTask;
    }

    private Task BuildAsync(CancellationToken patience)
    {
        with.Builder.Build(_new.Loaded!, package.Manifest);
        return Task.CompletedTask;
    }

    private Task MigrateAsync(CancellationToken patience)
    {
        _transfer = StateTransfer.Plan(_old?.Loaded?.States ?? [], _new.Loaded!.States, slot.Seats);
        return _transfer.CopyAsync(patience);
    }

    private async Task StartAsync(CancellationToken patience)
    {
        var loaded = _new.Loaded!;
        // Before the start: one that fails half-way has to be stopped too.
        loaded.IsStarted = true;
        await loaded.Module.StartAsync(loaded.Services!, patience);
        foreach (var service in loaded.HostedServices)
        {
            loaded.Started.Push(service);
            await service.StartAsync(patience);
        }
    }

    private Task WarmUpAsync(CancellationToken patience) =>
        WarmUp.RunAsync(_new, _new.Loaded!, with.Options.WarmUpRepeats, patience);

    [LoggerMessage(EventId = 300, EventName = "ModuleMoved", Level = LogLevel.Information,
        Message = "Module {Module} {Version} serves, as generation {Generation}.")]
    private partial void LogMoved(string module, string version, long generation);

    [LoggerMessage(EventId = 301, EventName = "ModuleAbandoned", Level = LogLevel.Warning,
        Message = "Module {Module} {Version}, generation {Generation}, was given up in {Phase}: {Reason}")]
    private partial void LogAbandoned(string module, string version, long generation, SwapPhase phase, string reason);
}
