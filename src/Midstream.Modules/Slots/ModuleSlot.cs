using Midstream.Modules.State;
using Midstream.Modules.Swaps;

namespace Midstream.Modules.Slots;

/// <summary>What the host keeps in mind of a module over its generations. Thread-safe.</summary>
internal sealed class ModuleSlot(string name)
{
    private const int RememberedMax = 64;

    private readonly Lock _lock = new();
    private readonly List<ModuleGeneration> _generations = [];
    private long _lastNumber;
    private KeptGeneration? _kept;

    public string Name => name;

    public SlotGate Gate { get; } = new();

    public Dictionary<string, StateSeat> Seats { get; } = [];

    /// <summary>Gets or sets what the first generation's state is read from; empty for nothing.</summary>
    public IReadOnlyList<IHandedOverState> Given { get; set; } = [];

    /// <summary>Gets or sets the id of the package that served before the current one; null when there is none to go back
    /// to.</summary>
    public string? PreviousPackage { get; set; }

    /// <summary>Gets or sets why the process's start did not load what was wished; null when it did, and after the next
    /// move.</summary>
    public string? Problem { get; set; }

    /// <summary>Gets or sets the generation that was replaced and is kept; null for none. Whoever takes it from here, at once, is
    /// the one who ends it or brings it back.</summary>
    public KeptGeneration? Kept
    {
        get => Volatile.Read(ref _kept);
        set => Volatile.Write(ref _kept, value);
    }

    /// <summary>Takes what is kept.</summary>
    /// <param name="only">Only if it is this one; null for whichever it is.</param>
    /// <returns>What was kept, now the caller's; null for nothing.</returns>
    public KeptGeneration? TakeKept(KeptGeneration? only = null)
    {
        if (only is null)
            return Interlocked.Exchange(ref _kept, null);
        return Interlocked.CompareExchange(ref _kept, null, only) == only ? only : null;
    }

    /// <summary>Gets the generations, oldest first: all that are in memory, and the latest of those that are not.</summary>
    public IReadOnlyList<ModuleGeneration> Generations
    {
        get
        {
            lock (_lock)
                return [.. _generations];
        }
    }

    public ModuleGeneration Begin(Packages.ModulePackage package, DateTimeOffset now)
    {
        lock (_lock)
        {
            var generation = new ModuleGeneration(package, ++_lastNumber, this) { StartedAt = now };
            _generations.Add(generation);
            Forget_NeedsLock();
            return generation;
        }
    }

    private void Forget_NeedsLock()
    {
        var surplus = _generations.Count - RememberedMax;
        if (surplus > 0)
        {
            var gone = _generations.Where(one => one.HasLeft).Take(surplus).ToHashSet();
            _generations.RemoveAll(gone.Contains);
        }
    }
}
