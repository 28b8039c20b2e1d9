// The dictionary by itself: each operation against a model, and concurrent ones against what any order of them allows.

using System.Text;

namespace Midstream.Hosting.Tests.State;

public sealed class StateDictionaryTests
{
    private readonly StateDictionary<string, long> _state = new("tested", StateCodec.Text, StateCodec.Number);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Operations_OneAfterTheOther_AreThoseOfADictionary(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, long>();
        for (var step = 0; step < 20_000; step++)
        {
            var key = $"key-{random.Next(100)}";
            var value = random.NextInt64();
            var present = model.TryGetValue(key, out var known);
            var where = $"seed {seed}, step {step}";
            switch (random.Next(5))
            {
                case 0:
                    Assert.True(new StateValue<long>(present, known) == await _state.GetAsync(key), where);
                    break;
                case 1:
                    await _state.SetAsync(key, value);
                    model[key] = value;
                    break;
                case 2:
                    Assert.True(model.TryAdd(key, value) == await _state.TryAddAsync(key, value), where);
                    break;
                case 3:
                    Assert.True(model.Remove(key) == await _state.RemoveAsync(key), where);
                    break;
                default:
                    model[key] = known + 1;
                    Assert.True(model[key] == await _state.UpdateAsync(key, static entry => entry.Value + 1), where);
                    break;
            }
        }

        Assert.Equal(model.Count, await _state.CountAsync());
        Assert.Equal(model.OrderBy(entry => entry.Key), _state.Snapshot().OrderBy(entry => entry.Key));
    }

    // Every update returns a value of its own, and a value once read never goes back.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Update_FromManyWriters_GivesEachValueOnce(int seed)
    {
        const int Writers = 4;
        const int Updates = 20_000;
        using var over = new CancellationTokenSource();
        var reader = Task.Run(async () =>
        {
            var last = 0L;
            while (!over.IsCancellationRequested)
            {
                var seen = (await _state.GetAsync("one", CancellationToken.None)).Value;
                Assert.True(seen >= last, $"seed {seed}: {seen} after {last}");
                last = seen;
            }
        });
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random(seed + writer);
            var values = new List<long>();
            for (var i = 0; i < Updates; i++)
            {
                values.Add(await _state.UpdateAsync("one", static entry => entry.Value + 1));
                if (random.Next(10) == 0)
                    await _state.SetAsync($"other-{random.Next(10)}", i);
            }

            return values;
        })).ToArray();

        var all = (await Task.WhenAll(writers).WaitAsync(Bounded.Patience)).SelectMany(static values => values).ToList();
        await over.CancelAsync();
        await reader;

        Assert.Equal(Enumerable.Range(1, Writers * Updates).Select(static value => (long)value), all.Order());
    }

    [Fact]
    public async Task TryAdd_OfOneKeyByMany_SucceedsOnce()
    {
        for (var round = 0; round < 200; round++)
        {
            var key = $"round-{round}";
            var added = await Task.WhenAll(Enumerable.Range(0, 4).Select(who =>
                Task.Run(async () => await _state.TryAddAsync(key, who))));
            Assert.Single(added, static won => won);
        }
    }

    [Fact]
    public async Task Write_DuringAFreeze_WaitsForItsEndAndReadsGoOn()
    {
        await _state.SetAsync("a", 1);
        await _state.FreezeAsync(CancellationToken.None);

        var write = _state.SetAsync("a", 2).AsTask();

        Assert.Equal(1, (await _state.GetAsync("a")).Value);
        Assert.False(write.IsCompleted);
        _state.Thaw();
        await write.WaitAsync(Bounded.Patience);
        Assert.Equal(2, (await _state.GetAsync("a")).Value);
    }

    [Fact]
    public async Task Write_WhenTheFreezeDoesNotEnd_FailsAfterItsPatience()
    {
        var state = new StateDictionary<string, long>(
            "stuck", StateCodec.Text, StateCodec.Number, new StateDictionaryOptions { Patience = TimeSpan.FromMilliseconds(50) });
        await state.FreezeAsync(CancellationToken.None);

        var failed = await Assert.ThrowsAsync<StateUnavailableException>(async () => await state.SetAsync("a", 2));

        Assert.Contains("\"stuck\"", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfWhatWasExported_IsTheSame()
    {
        for (var i = 0; i < 5000; i++)
            await _state.SetAsync(new string('k', i % 300) + i, i);
        using var stream = new MemoryStream();
        await _state.ExportAsync(stream, 1, CancellationToken.None);
        stream.Position = 0;
        var other = new StateDictionary<string, long>("tested", StateCodec.Text, StateCodec.Number);
        await other.SetAsync("goes", 1);

        await other.ImportAsync(stream, 1, CancellationToken.None);

        Assert.Equal(_state.Snapshot().OrderBy(entry => entry.Key), other.Snapshot().OrderBy(entry => entry.Key));
    }

    [Fact]
    public async Task Import_OfWhatIsCutOffOrRubbish_Throws()
    {
        await _state.SetAsync("a", 1);
        await _state.SetAsync("b", 2);
        using var stream = new MemoryStream();
        await _state.ExportAsync(stream, 1, CancellationToken.None);
        var whole = stream.ToArray();
        for (var length = 0; length < whole.Length; length++)
            await Assert.ThrowsAsync<InvalidDataException>(() => ImportAsync(whole[..length]));
        await Assert.ThrowsAsync<InvalidDataException>(() => ImportAsync(Encoding.ASCII.GetBytes(new string('x', 64))));
    }

    private static Task ImportAsync(byte[] bytes) =>
        new StateDictionary<string, long>("tested", StateCodec.Text, StateCodec.Number)
            .ImportAsync(new MemoryStream(bytes), 1, CancellationToken.None);
}
