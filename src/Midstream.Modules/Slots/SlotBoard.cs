namespace Midstream.Modules.Slots;

/// <summary>Holds the one reference that moves: the table of slots. Thread-safe.</summary>
internal sealed class SlotBoard
{
    private readonly Lock _lock = new();
    private volatile SlotTable _table = SlotTable.Empty;

    public SlotTable Table => _table;

    public SlotTraffic? Find(string module) => _table.Entries.FirstOrDefault(entry => entry.Name == module)?.Traffic;

    /// <summary>Puts generations in their slots, all at once.</summary>
    public void Move(IReadOnlyList<SlotEntry> moved)
    {
        lock (_lock)
        {
            var names = moved.Select(entry => entry.Name).ToHashSet();
            _table = new SlotTable([.. _table.Entries.Where(entry => !names.Contains(entry.Name)), .. moved]);
        }
    }

    /// <summary>Takes a slot away.</summary>
    public void Remove(string module)
    {
        lock (_lock)
            _table = new SlotTable(_table.Entries.Where(entry => entry.Name != module));
    }
}
