using Midstream.HandOver;

namespace Midstream;

/// <content>The dictionary's part in a hand-over, called by the process that hosts it.</content>
public sealed partial class StateDictionary<TKey, TValue> : ILoggedState
{
    /// <inheritdoc/>
    public Task ExportAsync(Stream destination, int version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var writer = new EntryWriter(destination);
        foreach (var shard in _shards)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // A copy of one shard at a time: the lock is held for its copying, not for its writing.
            foreach (var (key, entry) in CopyOf(shard))
                writer.Write(entry.Version, key, _keys, entry.Value, _values, version);
        }

        writer.End(Volatile.Read(ref _clock));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ImportAsync(Stream source, int version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        foreach (var shard in _shards)
        {
            lock (shard)
                shard.Entries.Clear();
        }

        Apply(source, version, cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask FreezeAsync(CancellationToken cancellationToken)
    {
        Begin(new Reign(Rule.Frozen));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Thaw()
    {
        if (_reign.Rule != Rule.Here)
            Begin(new Reign(Rule.Here));
    }

    void ILoggedState.Wait() => Begin(new Reign(Rule.Nobody));

    void ILoggedState.TakeCharge(IStateMirror? mirror, int version) =>
        Begin(new Reign(Rule.Here, mirror: mirror, version: version));

    void ILoggedState.Follow(IStateAuthority authority, int version) =>
        Begin(new Reign(Rule.There, authority, version: version));

    void ILoggedState.BeginLog()
    {
        foreach (var shard in _shards)
        {
            lock (shard)
                shard.Changed = [];
        }
    }

    void ILoggedState.EndLog()
    {
        foreach (var shard in _shards)
        {
            lock (shard)
                shard.Changed = null;
        }
    }

    long ILoggedState.ExportChanges(Stream destination, int version)
    {
        var writer = new EntryWriter(destination);
        foreach (var shard in _shards)
        {
            foreach (var (key, entry) in TakeChanges(shard))
            {
                if (entry is { } written)
                    writer.Write(written.Version, key, _keys, written.Value, _values, version);
                else
                    writer.Remove(NoEntry, key, _keys, version);
            }
        }

        return writer.End(Volatile.Read(ref _clock));
    }

    void ILoggedState.ImportChanges(Stream source, int version) => Apply(source, version, CancellationToken.None);

    async ValueTask<StateAnswer?> ILoggedState.CarryOutAsync(
        StateRequest request, int version, CancellationToken cancellationToken)
    {
        var attempt = AttemptOf(request, version);
        while (true)
        {
            var reign = _reign;
            if (TryHere(attempt, request.Id, ref reign, out var result, out var mirrored))
            {
                await mirrored!.WaitAsync(cancellationToken);
                return HasBeenMirrored(attempt, result, reign) ? null : AnswerOf(attempt, result, version);
            }

            if (reign.Rule == Rule.There)
                return new StateAnswer(StateStatus.Moved, NoEntry);
            await reign.Over.WaitAsync(cancellationToken);
        }
    }

    async ValueTask<StateAnswer> ILoggedState.PassOnAsync(
        StateRequest request, int version, CancellationToken cancellationToken)
    {
        var attempt = AttemptOf(request, version);
        return AnswerOf(attempt, await DoAsync(attempt, cancellationToken), version);
    }

    void ILoggedState.ApplyMirrored(StateChange change, int version)
    {
        var key = _keys.Read(change.Key.Span, version);
        var shard = ShardOf(key);
        var value = change.Operation == StateOperation.Write ? _values.Read(change.Value.Span, version) : default;
        lock (shard)
        {
            if (change.Operation == StateOperation.Remove)
                shard.Entries.Remove(key);
            else
                shard.Entries[key] = new Entry(change.Version, value!);
        }

        AdvanceClock(change.Version);
    }

    // Only a sealed type says what its objects are: one of a module's own, behind an interface, would keep the module.
    bool ILoggedState.CanAdopt(ILoggedState other) =>
        other is StateDictionary<TKey, TValue> && !GetType().IsCollectible && typeof(TKey).IsSealed && typeof(TValue).IsSealed;

    void ILoggedState.Adopt(ILoggedState other)
    {
        var old = (StateDictionary<TKey, TValue>)other;
        for (var i = 0; i < ShardCount; i++)
        {
            Dictionary<TKey, Entry> entries;
            lock (old._shards[i])
                (entries, old._shards[i].Entries) = (old._shards[i].Entries, []);
            lock (_shards[i])
                _shards[i].Entries = entries;
        }

        AdvanceClock(Volatile.Read(ref old._clock));
    }

    // The change itself tells the other process that its request was carried out, in one packet: it can never have the one
    // without the other.
    private static bool HasBeenMirrored(in Attempt attempt, in Result result, Reign reign) =>
        reign.Mirror is not null && result is { Status: StateStatus.Done, Version: not NoEntry }
        && attempt.Operation is StateOperation.Write or StateOperation.Remove;

    private Attempt AttemptOf(StateRequest request, int version) => new(
        request.Operation,
        request.Operation == StateOperation.Count ? default! : _keys.Read(request.Key.Span, version),
        request.Expected,
        request.Operation == StateOperation.Write ? _values.Read(request.Value.Span, version) : default);

    private StateAnswer AnswerOf(in Attempt attempt, in Result result, int version)
    {
        var returnsValue = result.Version != NoEntry && (result.Status == StateStatus.Differs
            || attempt.Operation == StateOperation.Read);
        return new StateAnswer(result.Status, result.Version, returnsValue ? Bytes(_values, result.Value!, version) : default);
    }

    private void Begin(Reign next)
    {
        var last = Interlocked.Exchange(ref _reign, next);
        // Whoever holds a shard's lock may still act as under the last reign; whoever takes it after this sees the next one.
        foreach (var shard in _shards)
        {
            lock (shard)
                _ = shard.Entries.Count;
        }

        last.End();
    }

    private static List<(TKey Key, Entry? Entry)> TakeChanges(Shard shard)
    {
        lock (shard)
        {
            var changes = new List<(TKey, Entry?)>(shard.Changed?.Count ?? 0);
            foreach (var key in shard.Changed ?? [])
                changes.Add((key, shard.Entries.TryGetValue(key, out var entry) ? entry : null));
            shard.Changed?.Clear();
            return changes;
        }
    }

    private void Apply(Stream source, int version, CancellationToken cancellationToken)
    {
        var reader = new EntryReader(source);
        while (reader.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var key = _keys.Read(reader.Key, version);
            var shard = ShardOf(key);
            var value = reader.Kind == StateOperation.Write ? _values.Read(reader.Value, version) : default;
            lock (shard)
            {
                if (reader.Kind == StateOperation.Write)
                    shard.Entries[key] = new Entry(reader.Version, value!);
                else
                    shard.Entries.Remove(key);
            }
        }

        AdvanceClock(reader.Version);
    }

    // Versions never repeat, whoever gives them out: a writer that compares cannot take one entry for another.
    private void AdvanceClock(long seen)
    {
        var clock = Volatile.Read(ref _clock);
        while (clock < seen)
        {
            var before = Interlocked.CompareExchange(ref _clock, seen, clock);
            if (before == clock)
                return;
            clock = before;
        }
    }
}
