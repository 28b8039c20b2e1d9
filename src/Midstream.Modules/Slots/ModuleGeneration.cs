using Microsoft.AspNetCore.Http;
using Midstream.Core.Modules;
using Midstream.Modules.Events;
using Midstream.Modules.Loading;
using Midstream.Modules.Packages;
using Midstream.Modules.Unloading;

namespace Midstream.Modules.Slots;

/// <summary>One load of a module, as the host keeps it in mind: also when its code is long gone. Holds nothing of the module's
/// own types but through <see cref="Loaded"/>. Thread-safe.</summary>
internal sealed class ModuleGeneration(ModulePackage package, long number, ModuleSlot slot) : IEventOwner
{
    private readonly Lock _lock = new();
    private readonly Stack<GenerationLease> _events = new();
    private volatile LoadedModule? _loaded;
    private UnloadVerdict? _verdict;
    private UnloadSubject? _stayed;
    private GenerationRequest? _request;
    private GenerationRequest? _warmUpRequest;

    public string Name => package.Name;

    public string Version => package.Manifest.Version;

    public long Number => number;

    public ModuleSlot Slot => slot;

    public ModulePackage Package => package;

    public ModuleState State { get; private set; } = ModuleState.Preparing;

    public GenerationLeases Leases { get; } = new();

    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Gets whether it has left the memory and why not; null before it was found out.</summary>
    public UnloadVerdict? Verdict
    {
        get
        {
            lock (_lock)
            {
                // What kept it may have let go of it since.
                if (State == ModuleState.Pinned && _stayed is { IsGone: true })
                {
                    State = ModuleState.Collected;
                    _verdict = _verdict! with { Outcome = UnloadOutcome.Collected, Culprits = [] };
                }

                return _verdict;
            }
        }
    }

    /// <summary>Gets whether nothing of it is in memory.</summary>
    public bool HasLeft => Verdict is { Outcome: UnloadOutcome.Collected };

    /// <summary>Gets the module's code and objects; null before the load and after the stop.</summary>
    public LoadedModule? Loaded => _loaded;

    /// <summary>Takes hold of the module's code. A load that was given up finds nobody who wants it.</summary>
    public void Attach(LoadedModule loaded)
    {
        lock (_lock)
        {
            if (State == ModuleState.Preparing)
            {
                _loaded = loaded;
                return;
            }
        }

        loaded.Lent.Dispose();
        loaded.Context.Unload();
        throw new ObjectDisposedException($"{Name}@{number}");
    }

    /// <summary>Lets go of the module's code.</summary>
    public LoadedModule? Detach()
    {
        lock (_lock)
        {
            var loaded = _loaded;
            _loaded = null;
            return loaded;
        }
    }

    /// <summary>Takes an event into the generation's life.</summary>
    /// <exception cref="InvalidOperationException">It contradicts the state.</exception>
    public void Happened(ModuleEvent happened)
    {
        lock (_lock)
            State = ModuleLifecycle.Next(State, happened) ?? throw new InvalidOperationException(
                $"Generation {number} of module {Name} is {State} and cannot take the event {happened}.");
    }

    /// <summary>Remembers what has stayed in memory, to see it leave later.</summary>
    public void Watch(UnloadSubject subject)
    {
        lock (_lock)
            _stayed = subject;
    }

    public void Decide(UnloadVerdict verdict)
    {
        Happened(verdict.Outcome switch
        {
            UnloadOutcome.Collected => ModuleEvent.WasCollected,
            UnloadOutcome.Pinned => ModuleEvent.Stayed,
            _ => ModuleEvent.CannotLeave,
        });
        lock (_lock)
            _verdict = verdict;
    }

    /// <summary>Begins a request.</summary>
    /// <returns>The hold on this generation; null when it takes no more.</returns>
    public GenerationLease? TryEnter(HttpContext? context, bool isWarmUp = false) =>
        _loaded is { } loaded ? Leases.TryEnter(this, loaded, context, isWarmUp) : null;

    /// <summary>Ends a request; nothing of the lease may be looked at afterwards.</summary>
    public static void Exit(GenerationLease lease, RequestEnd end) => lease.Stripe.Exit(lease, end);

    /// <summary>Gets what a module's code is told of a request.</summary>
    public ModuleRequest RequestOf(bool isWarmUp) => isWarmUp
        ? _warmUpRequest ??= new GenerationRequest(this, isWarmUp: true)
        : _request ??= new GenerationRequest(this, isWarmUp: false);

    // An event has no object of its own to find its lease by, so any of them ends: they are all alike.
    bool IEventOwner.TryBegin()
    {
        if (State != ModuleState.Serving || TryEnter(context: null) is not { } lease)
            return false;
        lock (_lock)
            _events.Push(lease);
        return true;
    }

    void IEventOwner.End()
    {
        GenerationLease lease;
        lock (_lock)
            lease = _events.Pop();
        Exit(lease, RequestEnd.Answered);
    }
}
