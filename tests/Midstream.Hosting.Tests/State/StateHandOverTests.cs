// State goes from one generation to the next while both write: nothing is lost, nothing is doubled, nothing is read that is old.

namespace Midstream.Hosting.Tests.State;

public sealed class StateHandOverTests(ITestOutputHelper output)
{
    [Fact]
    public async Task HandOver_OfSomeEntries_BringsThemAll()
    {
        var (old, next) = (StatePair.NewDictionary(), StatePair.NewDictionary());
        for (var key = 0L; key < 1000; key++)
            await old.SetAsync(key, key * key);
        await using var pair = new StatePair([old], [next]);

        await pair.ImportAsync();
        await old.SetAsync(7, -1);
        await old.RemoveAsync(8);
        await pair.HandOverAsync();

        Assert.Equal(999, await next.CountAsync());
        Assert.Equal(new StateValue<long>(true, -1), await next.GetAsync(7));
        Assert.False((await next.GetAsync(8)).Exists);
        Assert.Equal(new StateValue<long>(true, 999 * 999), await next.GetAsync(999));
    }

    [Fact]
    public async Task Operations_OnTheGenerationThatIsNotInCharge_AreCarriedOutByTheOther()
    {
        var (old, next) = (StatePair.NewDictionary(), StatePair.NewDictionary());
        await using var pair = new StatePair([old], [next]);
        await pair.ImportAsync();

        await next.SetAsync(1, 10);
        Assert.Equal(10, (await old.GetAsync(1)).Value);
        await pair.HandOverAsync();
        Assert.Equal(11, await old.UpdateAsync(1, static present => present.Value + 1));
        Assert.False(await old.TryAddAsync(1, 5));
        Assert.True(await old.TryAddAsync(2, 20));
        Assert.Equal(2, await old.CountAsync());
        Assert.True(await old.RemoveAsync(2));
        Assert.False(await old.RemoveAsync(2));

        Assert.Equal(11, (await next.GetAsync(1)).Value);
        Assert.False((await next.GetAsync(2)).Exists);
        Assert.Equal(11, (await old.GetAsync(1)).Value);
    }

    [Fact]
    public async Task HandOver_WhileBothWrite_LosesAndDoublesNothing()
    {
        const int Keys = 50;
        var (old, next) = (StatePair.NewDictionary(), StatePair.NewDictionary());
        using var over = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(seed => Task.Run(() => CountUpAsync(old, seed, Keys, over.Token))).ToList();
        await using var pair = new StatePair([old], [next]);
        await pair.ImportAsync();
        writers.AddRange(Enumerable.Range(10, 4).Select(seed => Task.Run(() => CountUpAsync(next, seed, Keys, over.Token))));

        var handedOver = await pair.HandOverAsync();
        await WriteSomeAsync(old, next);
        await over.CancelAsync();
        var written = (await Task.WhenAll(writers).WaitAsync(Bounded.Patience)).Sum();

        var values = next.Snapshot().Where(entry => entry.Key < Keys).Sum(entry => entry.Value);
        output.WriteLine($"{written} writes, freeze {handedOver.FreezeMs:0.0} ms, {handedOver.Changes} changes in it");
        Assert.Equal(written, values);
    }

    [Fact]
    public async Task Keep_AfterTheNewHasDiedInCharge_HasEveryWriteThatEnded()
    {
        const int Keys = 50;
        var (old, next) = (StatePair.NewDictionary(), StatePair.NewDictionary());
        await using var pair = new StatePair([old], [next]);
        await pair.ImportAsync();
        await pair.HandOverAsync();
        using var over = new CancellationTokenSource();
        // What the old one asks is carried on by itself; what the new one does ends with it, acknowledged or not.
        var onOld = Enumerable.Range(0, 4).Select(seed => Task.Run(() => CountUpAsync(old, seed, Keys, over.Token))).ToList();
        var onNew = 0L;
        for (var i = 0; i < 500; i++)
        {
            await next.UpdateAsync(Keys + (i % 10), static present => present.Value + 1);
            onNew++;
        }

        // Its descriptors close in the middle of it all, as when it is killed.
        await pair.Taker.DisposeAsync();
        await pair.Giver.KeepAsync().WaitAsync(Bounded.Patience);
        await old.SetAsync(-1, 1);
        await over.CancelAsync();
        var written = (await Task.WhenAll(onOld).WaitAsync(Bounded.Patience)).Sum();

        Assert.Equal(onNew, old.Snapshot().Where(entry => entry.Key >= Keys).Sum(entry => entry.Value));
        Assert.Equal(written, old.Snapshot().Where(entry => entry.Key is >= 0 and < Keys).Sum(entry => entry.Value));
    }

    [Fact]
    public async Task HandOver_WhenTheNewIsGone_LeavesTheOldInCharge()
    {
        var (old, next) = (StatePair.NewDictionary(), StatePair.NewDictionary());
        await old.SetAsync(1, 1);
        await using var pair = new StatePair([old], [next]);
        await pair.ImportAsync();
        await pair.Taker.DisposeAsync();

        var handedOver = await pair.Giver.HandOverAsync(StatePair.FreezeMax).WaitAsync(Bounded.Patience);

        Assert.NotNull(handedOver.Fault);
        await old.SetAsync(1, 2);
        Assert.Equal(2, (await old.GetAsync(1)).Value);
    }

    [Theory]
    [InlineData(new[] { 1 }, new[] { 1, 2 }, 1)]
    [InlineData(new[] { 1, 2 }, new[] { 1, 2 }, 2)]
    [InlineData(new[] { 2, 1 }, new[] { 1 }, 1)]
    public async Task Import_WithVersionsInCommon_UsesTheHighest(int[] writes, int[] reads, int expected)
    {
        var codec = new RecordingCodec();
        var old = Versioned(codec, writes.Max(), reads: null, writes);
        var next = Versioned(codec, reads.Max(), reads, writes: null);
        await old.SetAsync(1, 1);
        await using var pair = new StatePair([old], [next]);

        await pair.ImportAsync();

        Assert.Equal([expected], codec.Written);
        Assert.Equal([expected], codec.Read_);
    }

    [Fact]
    public async Task Import_WithoutAVersionInCommon_FailsTheNewAndSaysSo()
    {
        var codec = new RecordingCodec();
        var old = Versioned(codec, 3, reads: null, writes: [2, 3]);
        var next = Versioned(codec, 1, reads: [1], writes: null);
        await old.SetAsync(1, 1);
        await using var pair = new StatePair([old], [next]);

        var imported = await pair.Taker.Imported.WaitAsync(Bounded.Patience);

        Assert.True(imported.VersionsDiffer);
        Assert.Contains("written in version 2, 3", imported.Fault, StringComparison.Ordinal);
        Assert.Contains("reads 1", imported.Fault, StringComparison.Ordinal);
        var handedOver = await pair.Giver.HandOverAsync(StatePair.FreezeMax).WaitAsync(Bounded.Patience);
        Assert.NotNull(handedOver.Fault);
        await old.SetAsync(1, 2);
    }

    [Fact]
    public async Task HandOver_OfAMillionEntries_IsTheSameBeforeAndAfter()
    {
        const int Entries = 1_000_000;
        var (old, next) = (StatePair.NewDictionary(), StatePair.NewDictionary());
        for (var key = 0L; key < Entries; key++)
            await old.SetAsync(key, key * 31);
        using var over = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2)
            .Select(seed => Task.Run(() => CountUpAsync(old, seed, Entries, over.Token))).ToList();
        var time = System.Diagnostics.Stopwatch.StartNew();
        await using var pair = new StatePair([old], [next]);

        await pair.ImportAsync();
        var imported = time.ElapsedMilliseconds;
        var handedOver = await pair.HandOverAsync();
        var whole = time.ElapsedMilliseconds;
        await over.CancelAsync();
        var written = (await Task.WhenAll(writers).WaitAsync(Bounded.Patience)).Sum();

        output.WriteLine($"import {imported} ms, whole {whole} ms, freeze {handedOver.FreezeMs:0.0} ms with " +
            $"{handedOver.Changes} changes, {written} writes meanwhile");
        Assert.Equal(Entries, await next.CountAsync());
        Assert.Equal(Enumerable.Range(0, Entries).Sum(key => key * 31L) + written, next.Snapshot().Sum(entry => entry.Value));
    }

    private static StateDictionary<long, long> Versioned(RecordingCodec codec, int version, int[]? reads, int[]? writes) =>
        new("numbers", StateCodec.Number, codec, new StateDictionaryOptions
        {
            Version = version, Reads = reads, Writes = writes,
        });

    private static async Task<long> CountUpAsync(
        StateDictionary<long, long> state, int seed, int keys, CancellationToken over)
    {
        var random = new Random(seed);
        var written = 0L;
        while (!over.IsCancellationRequested)
        {
            await state.UpdateAsync(random.Next(keys), static present => present.Value + 1, CancellationToken.None);
            written++;
        }

        return written;
    }

    private static async Task WriteSomeAsync(params StateDictionary<long, long>[] states)
    {
        for (var i = 0L; i < 1000; i++)
        {
            foreach (var state in states)
                await state.SetAsync(1_000_000 + i, i);
        }
    }

    private sealed class RecordingCodec : IStateCodec<long>
    {
        internal HashSet<int> Written { get; } = [];

        internal HashSet<int> Read_ { get; } = [];

        public void Write(long value, int version, System.Buffers.IBufferWriter<byte> destination)
        {
            Written.Add(version);
            StateCodec.Number.Write(value, version, destination);
        }

        public long Read(ReadOnlySpan<byte> source, int version)
        {
            Read_.Add(version);
            return StateCodec.Number.Read(source, version);
        }
    }
}
