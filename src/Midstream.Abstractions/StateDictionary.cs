using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Midstream.HandOver;

namespace Midstream;

/// <summary>
/// A dictionary in memory that goes from the old process to the new one in a deployment, at any size, without a lost write and
/// with only a short pause for writers.
/// <list type="bullet">
/// <item>Every operation is atomic, and every read sees all writes that ended before it, whichever of the two processes they
/// were made in: while both live, the one that is not in charge asks the other.</item>
/// <item>A write that has ended survives the new process, if that fails before the old one has ended. It does not survive a
/// crash of the only process there is: this is memory, not a database.</item>
/// <item>Values are shared, never copied: use immutable types, and replace a value instead of changing it.</item>
/// </list>
/// </summary>
/// <remarks>Thread-safe. Operations end at once, except while the two processes change places (milliseconds), and in a process
/// that is not in charge, where each is a message to the other.</remarks>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
[SuppressMessage("Naming", "CA1711", Justification = "It is one, with operations that may take time.")]
public sealed partial class StateDictionary<TKey, TValue>
    where TKey : notnull
{
    private const long AnyVersion = -1;
    private const long NoEntry = 0;
    private const int ShardCount = 64;

    private readonly Shard[] _shards = new Shard[ShardCount];
    private readonly IStateCodec<TKey> _keys;
    private readonly IStateCodec<TValue> _values;
    private readonly TimeSpan _patience;
    private volatile Reign _reign = new(Rule.Here);
    private long _clock;

    /// <summary>Creates an empty dictionary.</summary>
    /// <param name="name">The state's name, the same in every release: 1 to 100 characters.</param>
    /// <param name="keys">Writes and reads keys.</param>
    /// <param name="values">Writes and reads values.</param>
    /// <param name="options">Versions; null for version 1 alone.</param>
    /// <exception cref="ArgumentException">The name or a version is out of its range.</exception>
    public StateDictionary(
        string name, IStateCodec<TKey> keys, IStateCodec<TValue> values, StateDictionaryOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 100, nameof(name));
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        options ??= new StateDictionaryOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Version, 1, nameof(options));
        Name = name;
        Version = options.Version;
        Reads = options.Reads ?? [options.Version];
        Writes = options.Writes ?? [options.Version];
        _keys = keys;
        _values = values;
        _patience = options.Patience;
        for (var i = 0; i < ShardCount; i++)
            _shards[i] = new Shard();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Version { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Reads { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Writes { get; }

    /// <summary>Reads an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entry; one that does not exist when there is none.</returns>
    /// <exception cref="StateUnavailableException">No process was in charge in time.</exception>
    public async ValueTask<StateValue<TValue>> GetAsync(TKey key, CancellationToken cancellationToken = default)
    {
        var found = await DoAsync(new Attempt(StateOperation.Read, key, AnyVersion, default), cancellationToken);
        return new StateValue<TValue>(found.Version != NoEntry, found.Value);
    }

    /// <summary>Writes an entry, in the place of what was there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Ends the wait; the write may have been made.</param>
    /// <returns>A task that ends when it is written.</returns>
    /// <exception cref="StateUnavailableException">No process was in charge in time.</exception>
    public async ValueTask SetAsync(TKey key, TValue value, CancellationToken cancellationToken = default) =>
        await DoAsync(new Attempt(StateOperation.Write, key, AnyVersion, value), cancellationToken);

    /// <summary>Writes an entry if there is none.</summary>
    /// <inheritdoc cref="SetAsync"/>
    /// <returns>Whether it was written.</returns>
    public async ValueTask<bool> TryAddAsync(TKey key, TValue value, CancellationToken cancellationToken = default) =>
        (await DoAsync(new Attempt(StateOperation.Write, key, NoEntry, value), cancellationToken)).Status == StateStatus.Done;

    /// <summary>Removes an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Ends the wait; the entry may have been removed.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StateUnavailableException">No process was in charge in time.</exception>
    public async ValueTask<bool> RemoveAsync(TKey key, CancellationToken cancellationToken = default) =>
        (await DoAsync(new Attempt(StateOperation.Remove, key, AnyVersion, default), cancellationToken)).Version != NoEntry;

    /// <summary>Replaces an entry by what a function makes of it, as one step.</summary>
    /// <param name="key">The key.</param>
    /// <param name="change">Makes the new value of the present one. Called again if another writer was faster, so it must have
    /// no effect of its own.</param>
    /// <param name="cancellationToken">Ends the wait; the write may have been made.</param>
    /// <returns>The new value.</returns>
    /// <exception cref="StateUnavailableException">No process was in charge in time.</exception>
    public async ValueTask<TValue> UpdateAsync(
        TKey key, Func<StateValue<TValue>, TValue> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var present = await DoAsync(new Attempt(StateOperation.Read, key, AnyVersion, default), cancellationToken);
        while (true)
        {
            var value = change(new StateValue<TValue>(present.Version != NoEntry, present.Value));
            // What a refused write returns is what is there now, and the next attempt's beginning.
            present = await DoAsync(new Attempt(StateOperation.Write, key, present.Version, value), cancellationToken);
            if (present.Status == StateStatus.Done)
                return value;
        }
    }

    /// <summary>Counts the entries.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Their number, at some moment of the call if nobody writes meanwhile.</returns>
    /// <exception cref="StateUnavailableException">No process was in charge in time.</exception>
    public async ValueTask<long> CountAsync(CancellationToken cancellationToken = default) =>
        (await DoAsync(new Attempt(StateOperation.Count, default!, AnyVersion, default), cancellationToken)).Version;

    /// <summary>Copies all entries of this process's own copy. In the process in charge each entry is as it was at some moment
    /// of the call; in the other one it may be older.</summary>
    /// <returns>The entries, in no order.</returns>
    public IReadOnlyList<KeyValuePair<TKey, TValue>> Snapshot() =>
        [.. _shards.SelectMany(shard => CopyOf(shard).Select(item => KeyValuePair.Create(item.Key, item.Value.Value)))];

    private ValueTask<Result> DoAsync(in Attempt attempt, CancellationToken cancellationToken)
    {
        var reign = _reign;
        return TryHere(attempt, request: 0, reign: ref reign, out var result, out var mirrored)
            && mirrored!.IsCompletedSuccessfully
            ? new ValueTask<Result>(result)
            : DoElsewhereAsync(attempt, reign, result, mirrored, cancellationToken);
    }

    private async ValueTask<Result> DoElsewhereAsync(
        Attempt attempt, Reign reign, Result result, Task? mirrored, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            while (true)
            {
                if (mirrored is not null)
                {
                    await mirrored.WaitAsync(patience.Token);
                    return result;
                }

                if (reign.Rule == Rule.There && await AskAsync(attempt, reign, patience.Token) is { } answered)
                    return answered;
                await reign.Over.WaitAsync(patience.Token);
                TryHere(attempt, request: 0, ref reign, out result, out mirrored);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StateUnavailableException(
                $"The state \"{Name}\" had no process in charge for {_patience.TotalSeconds:0.###} s: the hand-over between " +
                "two generations hangs. Look at the supervisor's log.");
        }
    }

    // Under the shard's lock the reign cannot change without the one who changes it knowing that this operation has ended.
    private bool TryHere(
        in Attempt attempt, uint request, ref Reign reign, out Result result, out Task? mirrored)
    {
        result = default;
        mirrored = null;
        if (attempt.Operation == StateOperation.Count)
            return TryCount(ref reign, out result, out mirrored);
        var shard = ShardOf(attempt.Key);
        lock (shard)
        {
            reign = _reign;
            var reads = attempt.Operation == StateOperation.Read;
            if (reign.Rule != Rule.Here && !(reads && reign.Rule == Rule.Frozen))
                return false;
            result = Apply_NeedsLock(shard, attempt, request, reign, out mirrored);
            return true;
        }
    }

    private Result Apply_NeedsLock(Shard shard, in Attempt attempt, uint request, Reign reign, out Task mirrored)
    {
        // What is read may be a change that the mirror does not have yet, and must not be known before it has.
        mirrored = reign.Mirror?.Sent ?? Task.CompletedTask;
        var exists = shard.Entries.TryGetValue(attempt.Key, out var entry);
        var version = exists ? entry.Version : NoEntry;
        if (attempt.Operation == StateOperation.Read)
            return new Result(StateStatus.Done, version, entry.Value);
        if (attempt.Expected != AnyVersion && attempt.Expected != version)
            return new Result(StateStatus.Differs, version, entry.Value);
        if (attempt.Operation == StateOperation.Remove && !exists)
            return new Result(StateStatus.Done, NoEntry, default);

        var removes = attempt.Operation == StateOperation.Remove;
        if (!removes)
            version = Interlocked.Increment(ref _clock);
        // First the mirror's bytes, because a codec may throw: then nothing has changed.
        if (reign.Mirror is { } mirror)
        {
            mirrored = mirror.AddAsync(this, new StateChange(
                request, attempt.Operation, version, Bytes(_keys, attempt.Key, reign.Version),
                removes ? default : Bytes(_values, attempt.Value!, reign.Version)));
        }

        if (removes)
            shard.Entries.Remove(attempt.Key);
        else
            shard.Entries[attempt.Key] = new Entry(version, attempt.Value!);
        shard.Changed?.Add(attempt.Key);
        return new Result(StateStatus.Done, version, attempt.Value);
    }

    private bool TryCount(ref Reign reign, out Result result, out Task? mirrored)
    {
        reign = _reign;
        result = default;
        mirrored = null;
        if (reign.Rule is not (Rule.Here or Rule.Frozen))
            return false;
        var count = 0L;
        foreach (var shard in _shards)
        {
            lock (shard)
                count += shard.Entries.Count;
        }

        // The other process may have begun to write meanwhile.
        if (_reign.Rule is not (Rule.Here or Rule.Frozen))
        {
            reign = _reign;
            return false;
        }

        mirrored = Task.CompletedTask;
        result = new Result(StateStatus.Done, count, default);
        return true;
    }

    private async ValueTask<Result?> AskAsync(Attempt attempt, Reign reign, CancellationToken cancellationToken)
    {
        var counts = attempt.Operation == StateOperation.Count;
        var writes = attempt.Operation == StateOperation.Write;
        var answer = await reign.Authority!.AskAsync(this, new StateRequest(
            Id: 0, attempt.Operation, attempt.Expected,
            counts ? default : Bytes(_keys, attempt.Key, reign.Version),
            writes ? Bytes(_values, attempt.Value!, reign.Version) : default), cancellationToken);
        if (answer.Status == StateStatus.Moved)
            return null;
        if (answer.Status == StateStatus.Failed)
            throw new StateUnavailableException($"The generation in charge of the state \"{Name}\" could not carry out the " +
                "operation: a codec has failed there. Its log says more.");
        var returnsValue = answer.Version != NoEntry && (attempt.Operation == StateOperation.Read
            || answer.Status == StateStatus.Differs);
        return new Result(answer.Status, answer.Version, returnsValue
            ? _values.Read(answer.Value.Span, reign.Version) : default);
    }

    private Shard ShardOf(TKey key) => _shards[(int)((uint)key.GetHashCode() * 2654435769u >> 26)];

    private static byte[] Bytes<T>(IStateCodec<T> codec, T item, int version)
    {
        var buffer = new ArrayBufferWriter<byte>(64);
        codec.Write(item, version, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static KeyValuePair<TKey, Entry>[] CopyOf(Shard shard)
    {
        lock (shard)
            return [.. shard.Entries];
    }

    private readonly record struct Attempt(StateOperation Operation, TKey Key, long Expected, TValue? Value);

    private readonly record struct Result(StateStatus Status, long Version, TValue? Value);

    private readonly record struct Entry(long Version, TValue Value);

    // The lock of its own members.
    private sealed class Shard
    {
        public Dictionary<TKey, Entry> Entries { get; set; } = [];

        // The keys that have changed since they were last exported; null while nobody asks.
        public HashSet<TKey>? Changed { get; set; }
    }
}
