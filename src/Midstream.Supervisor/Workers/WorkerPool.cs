namespace Midstream.Supervisor.Workers;

/// <summary>
/// The service's workers: one for each slot, and those that are letting go. A slot's worker is replaced, never removed from
/// under a reader: whoever has died keeps the slot until another is put there.
/// </summary>
/// <remarks>Thread-safe. Only the operation that has the slot of operations changes it.</remarks>
internal sealed class WorkerPool
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, Worker> _slots = [];
    private readonly List<Worker> _lettingGo = [];
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Gets the workers that have a slot, by slot; some may have died.</summary>
    public IReadOnlyList<Worker> Workers
    {
        get
        {
            lock (_lock)
                return [.. _slots.Values];
        }
    }

    /// <summary>Gets the workers that have a slot and live.</summary>
    public IReadOnlyList<Worker> Serving => [.. Workers.Where(worker => !worker.Exited.IsCompleted)];

    /// <summary>Gets the workers that gave their slot away and are not gone.</summary>
    public IReadOnlyList<Worker> LettingGo
    {
        get
        {
            lock (_lock)
                return [.. _lettingGo];
        }
    }

    /// <summary>Gets a task that ends when a slot next changes.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>Finds a slot's worker.</summary>
    /// <param name="slot">The slot, from 1.</param>
    /// <returns>The worker, maybe dead; null when the slot is empty.</returns>
    public Worker? In(int slot)
    {
        lock (_lock)
            return _slots.GetValueOrDefault(slot);
    }

    /// <summary>Puts a worker in its slot.</summary>
    /// <param name="worker">The worker.</param>
    public void Put(Worker worker)
    {
        lock (_lock)
        {
            _slots[worker.Slot] = worker;
            _lettingGo.Remove(worker);
        }

        SignalChange();
    }

    /// <summary>Takes note that a worker begins to let go. Its slot is another's by then, or empty from now on.</summary>
    /// <param name="worker">The worker.</param>
    public void BeginLettingGo(Worker worker)
    {
        lock (_lock)
        {
            if (_slots.GetValueOrDefault(worker.Slot) == worker)
                _slots.Remove(worker.Slot);
            _lettingGo.Add(worker);
        }

        SignalChange();
    }

    /// <summary>Takes note that a worker is gone.</summary>
    /// <param name="worker">The worker.</param>
    public void Forget(Worker worker)
    {
        lock (_lock)
        {
            if (_slots.GetValueOrDefault(worker.Slot) == worker)
                _slots.Remove(worker.Slot);
            _lettingGo.Remove(worker);
        }

        SignalChange();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void SignalChange()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = NewSignal();
        }

        changed.TrySetResult();
    }
}
