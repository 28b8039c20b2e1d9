using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.HandOver;
using Midstream.Modules.Fit;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.State;

namespace Midstream.Modules.Swaps;

/// <summary>
/// One module's swap. Whoever drives it calls, in this order, <see cref="PrepareAsync"/>, <see cref="FreezeAsync"/>, and then
/// either <see cref="Commit"/> or <see cref="Abandon"/>: a group is prepared and frozen whole before any of it moves. A canary
/// is prepared alike, for <see cref="CommitBeside"/>: its state stays where it is, so nothing is frozen.
/// </summary>
internal sealed partial class Swap
{
    private readonly SwapSurroundings _with;
    private readonly ModuleSlot _slot;
    private readonly ModuleGeneration _new;
    private readonly IProgress<SwapPhase>? _progress;
    // What the new generation was before: being prepared, a canary, or paused.
    private readonly ModuleState _origin;
    private readonly ILogger _logger;
    private readonly List<KeyValuePair<SwapPhase, TimeSpan>> _durations = [];
    private SlotTraffic? _before;
    private SwapStep _step = new(SwapPhase.Verify, SwapOutcome.InProgress);
    private PackageFiles? _files;
    private StateTransfer? _transfer;
    private string? _reason;
    private IReadOnlyList<FitProblem> _problems = [];
    private bool _isGoverned;
    private long _frozenAt;
    private TimeSpan _freeze;

    private Swap(SwapSurroundings with, ModuleSlot slot, ModuleGeneration generation, IProgress<SwapPhase>? progress)
    {
        _with = with;
        _slot = slot;
        _new = generation;
        _before = with.Board.Find(slot.Name);
        _progress = progress;
        _origin = generation.State;
        _logger = with.Loggers.CreateLogger<Swap>();
    }

    public ModuleSlot Slot => _slot;

    public ModulePackage Package => _new.Package;

    public ModuleGeneration Generation => _new;

    /// <summary>Gets what is put into the table of slots at the move.</summary>
    public SlotEntry Entry => EntryOf(new SlotTraffic(_new));

    private IReadOnlyList<IHandedOverState> OldStates => _before?.Current.Loaded?.States ?? _slot.Given;

    /// <summary>Begins a swap to a new load of a package.</summary>
    public static Swap ToPackage(
        SwapSurroundings with, ModuleSlot slot, ModulePackage package, IProgress<SwapPhase>? progress) =>
        new(with, slot, slot.Begin(package, with.Clock.GetUtcNow()), progress);

    /// <summary>Begins a swap to a generation that is in memory: the slot's canary, or the one that was kept.</summary>
    public static Swap ToGeneration(
        SwapSurroundings with, ModuleSlot slot, ModuleGeneration generation, IProgress<SwapPhase>? progress) =>
        new(with, slot, generation, progress);

    /// <summary>Gets what is put into the table of slots for a canary.</summary>
    public SlotEntry EntryBeside(CanaryRule rule)
    {
        var canary = new CanaryTraffic(_new, new CanarySplit(rule, _slot.Name, Package.Stored.Id));
        return EntryOf(new SlotTraffic(_before!.Current, canary), _before.Current.Package);
    }

    /// <summary>Goes through all phases before the move. Those that the generation has behind it have nothing to do.</summary>
    /// <param name="superseded">Cancelled when something newer is wanted.</param>
    /// <param name="isBeside">Whether it is to be a canary.</param>
    /// <returns>Whether it is ready to move.</returns>
    public async Task<bool> PrepareAsync(CancellationToken superseded, bool isBeside = false)
    {
        var options = _with.Options;
        // At the process's start a canary is built before what it is to be beside serves.
        _before = _with.Board.Find(_slot.Name);
        var isReady = await BuildUpAsync(superseded)
            && await StepAsync(isBeside ? ShareAsync : MigrateAsync, options.MigrateTimeout, superseded)
            && await StepAsync(StartAsync, options.StartTimeout, superseded)
            && await StepAsync(WarmUpAsync, options.WarmUpTimeout, superseded);
        _files = null;
        return isReady;
    }

    /// <summary>Goes through the phases after which the generation's states are there, and nothing runs. Nothing when that was
    /// done before.</summary>
    /// <param name="superseded">Cancelled when something newer is wanted.</param>
    /// <returns>Whether it went well.</returns>
    public async Task<bool> BuildUpAsync(CancellationToken superseded)
    {
        var options = _with.Options;
        if (_step.HasEnded || _step.Phase > SwapPhase.Build)
            return !_step.HasEnded;
        return await StepAsync(VerifyAsync, options.BuildTimeout, superseded)
            && await StepAsync(LoadAsync, options.BuildTimeout, superseded)
            && await StepAsync(BuildAsync, options.BuildTimeout, superseded);
    }

    /// <summary>Lets the states wait until the process is told who is in charge of them.</summary>
    public void BeGoverned()
    {
        _isGoverned = true;
        foreach (var state in _new.Loaded!.States.OfType<ILoggedState>())
            state.Wait();
    }

    /// <summary>Makes the state stand still in the old generation and gives the new one the last of it.</summary>
    /// <returns>Whether the move cannot fail any more.</returns>
    public async Task<bool> FreezeAsync()
    {
        _progress?.Report(SwapPhase.Move);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            _frozenAt = await _transfer!.FreezeAsync(_with.Options.FreezeMax, CancellationToken.None);
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
        _transfer!.Commit(_isGoverned);
        _freeze = _frozenAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_frozenAt);
        Note(Stopwatch.GetElapsedTime(begun), SwapEvent.Succeeded, null);
        var old = _before?.Current;
        _slot.PreviousPackage = old?.Package.Stored.Id ?? _slot.PreviousPackage;
        _slot.Given = [];
        _slot.Problem = null;
        LogMoved(_slot.Name, _new.Version, _new.Number);
        // A canary of what was replaced has nothing to be compared with any more.
        if (_before?.Canary is { } canary && canary.Generation != _new)
            _ = _with.End.RetireAsync(canary.Generation);
        return old is null ? Result(null)
            : _with.Keeper.Keep(_slot, old) ? Result(null) with { Kept = old.Number }
            : Result(_with.End.RetireAsync(old));
    }

    /// <summary>Ends a canary's way. The reference has been moved.</summary>
    public SwapResult CommitBeside()
    {
        _progress?.Report(SwapPhase.Move);
        Note(TimeSpan.Zero, SwapEvent.Succeeded, null);
        _slot.Problem = null;
        LogBeside(_slot.Name, _new.Version, _new.Number);
        return Result(_before!.Canary is { } replaced ? _with.End.RetireAsync(replaced.Generation) : null);
    }

    /// <summary>Marks the new generation as serving: requests may come from the move on.</summary>
    public void BeginServing()
    {
        if (_origin == ModuleState.Paused)
            _new.Leases.Reopen();
        _new.Happened(ModuleEvent.MovedIn);
    }

    /// <summary>Marks the new generation as a canary: requests may come from the move on.</summary>
    public void BeginBeside() => _new.Happened(ModuleEvent.MovedBeside);

    /// <summary>Ends the new generation; the old one has not noticed anything. A canary that did not take over goes on as
    /// one.</summary>
    /// <param name="reason">Why, when nothing has failed in this swap itself.</param>
    public SwapResult Abandon(string? reason = null)
    {
        _files = null;
        _transfer?.Abandon();
        if (!_step.HasEnded)
            _step = _step with { Outcome = SwapOutcome.Abandoned };
        _reason ??= reason ?? "It was given up.";
        LogAbandoned(_slot.Name, _new.Version, _new.Number, _step.Phase, _reason);
        return Result(_origin == ModuleState.Canary ? null : _with.End.RetireAsync(_new));
    }

    private SlotEntry EntryOf(SlotTraffic traffic, ModulePackage? place = null)
    {
        var manifest = (place ?? Package).Manifest;
        return new SlotEntry(_slot.Name, manifest.Path, manifest.Hosts, traffic);
    }

    private SwapResult Result(Task<Retirement>? retirement) => new()
    {
        Outcome = _step.Outcome,
        Phase = _step.Phase,
        Module = _slot.Name,
        Version = Package.Manifest.Version,
        Generation = _new.Number,
        Package = Package.Stored.Id,
        Reason = _reason,
        Problems = _problems,
        Durations = _durations,
        Freeze = _freeze,
        Retirement = retirement,
    };

    private async Task<bool> StepAsync(
        Func<CancellationToken, Task> work, TimeSpan timeout, CancellationToken superseded)
    {
        _progress?.Report(_step.Phase);
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
        if (_origin != ModuleState.Preparing)
            return Task.CompletedTask;
        _files = PackageFiles.Read(Package.Stored.Folder);
        FitCheck.Verify(Package, _files, _with.Shared);
        return Task.CompletedTask;
    }

    private Task LoadAsync(CancellationToken patience)
    {
        if (_origin == ModuleState.Preparing)
            _with.Builder.Load(_new, _files!);
        return Task.CompletedTask;
    }

    private Task BuildAsync(CancellationToken patience)
    {
        if (_origin == ModuleState.Preparing)
            _with.Builder.Build(_new.Loaded!, Package.Manifest);
        return Task.CompletedTask;
    }

    private Task MigrateAsync(CancellationToken patience)
    {
        _transfer = StateTransfer.Plan(
            OldStates, _new.Loaded!.States, _slot.Seats, isAsking: _origin != ModuleState.Preparing);
        return _transfer.CopyAsync(patience);
    }

    private Task ShareAsync(CancellationToken patience) =>
        StateTransfer.ShareAsync(OldStates, _new.Loaded!.States, _slot.Seats, patience);

    private async Task StartAsync(CancellationToken patience)
    {
        if (_origin == ModuleState.Canary)
            return;
        var loaded = _new.Loaded!;
        if (_origin == ModuleState.Preparing)
        {
            // Before the start: one that fails half-way has to be stopped too.
            loaded.IsStarted = true;
            await loaded.Module.StartAsync(loaded.Services!, patience);
        }
        else
        {
            loaded.Lent.EndDrain();
        }

        foreach (var service in loaded.HostedServices.Skip(loaded.Started.Count).ToList())
        {
            loaded.Started.Push(service);
            await service.StartAsync(patience);
        }
    }

    private Task WarmUpAsync(CancellationToken patience) => _origin == ModuleState.Preparing
        ? WarmUp.RunAsync(_new, _new.Loaded!, _with.Options.WarmUpRepeats, patience)
        : Task.CompletedTask;

    [LoggerMessage(EventId = 300, EventName = "ModuleMoved", Level = LogLevel.Information,
        Message = "Module {Module} {Version} serves, as generation {Generation}.")]
    private partial void LogMoved(string module, string version, long generation);

    [LoggerMessage(EventId = 302, EventName = "ModuleCanary", Level = LogLevel.Information,
        Message = "Module {Module} {Version} serves a part of the requests, as generation {Generation}.")]
    private partial void LogBeside(string module, string version, long generation);

    [LoggerMessage(EventId = 301, EventName = "ModuleAbandoned", Level = LogLevel.Warning,
        Message = "Module {Module} {Version}, generation {Generation}, was given up in {Phase}: {Reason}")]
    private partial void LogAbandoned(string module, string version, long generation, SwapPhase phase, string reason);
}
