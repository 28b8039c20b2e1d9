using Midstream.HandOver;
using Midstream.Modules.Slots;
using Midstream.Modules.Swaps;

namespace Midstream.Modules.Hosting;

/// <summary>The states of all modules that serve, and of their canaries those that the module itself has not, in the process's
/// own hand-over: while another process has them too, no module changes. Thread-safe.</summary>
internal sealed class ProcessStates(SlotBoard board, Func<IEnumerable<ModuleSlot>> slots) : IStateSource
{
    private readonly Lock _lock = new();
    private readonly List<SlotTurn> _turns = [];
    private volatile IReadOnlyList<ModuleGeneration> _starting = [];
    private volatile bool _isHeld;

    /// <summary>Gets whether the process is handed its state.</summary>
    public bool IsGoverned { get; private set; }

    /// <summary>Gets why no module may change now; null when it may.</summary>
    public string? Refusal => _isHeld
        ? "The process is being replaced, or has just taken over: its modules do not change meanwhile. Try again in a moment."
        : null;

    /// <summary>Gets or sets the generations that are loaded and do not serve yet, at the process's start; canaries
    /// last.</summary>
    public IReadOnlyList<ModuleGeneration> Starting
    {
        get => _starting;
        set => _starting = value;
    }

    public IReadOnlyList<NamedState> States =>
        // Of a state that two have, the one of the module itself is in charge.
        [.. board.Table.Entries.SelectMany(GenerationsOf).Concat(_starting).SelectMany(StatesOf).DistinctBy(named => named.Name)];

    public void Govern() => IsGoverned = true;

    public async Task HoldAsync()
    {
        _isHeld = true;
        // At the start the turns are the start's own: nobody else has any.
        if (_starting.Count > 0)
            return;
        foreach (var slot in slots().OrderBy(slot => slot.Name, StringComparer.Ordinal))
        {
            var turn = await slot.Gate.EnterAsync();
            while (turn is null)
                turn = await slot.Gate.EnterAsync();
            lock (_lock)
                _turns.Add(turn);
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _isHeld = false;
            _turns.ForEach(turn => turn.Dispose());
            _turns.Clear();
        }
    }

    private static IEnumerable<ModuleGeneration> GenerationsOf(SlotEntry entry) => entry.Traffic.Canary is { } canary
        ? [entry.Traffic.Current, canary.Generation] : [entry.Traffic.Current];

    private static IEnumerable<NamedState> StatesOf(ModuleGeneration generation) => generation.Loaded?.States
        .Select(state => new NamedState($"{generation.Name}/{state.Name}", state)) ?? [];
}
