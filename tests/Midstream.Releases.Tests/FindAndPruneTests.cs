using Microsoft.Extensions.Time.Testing;

namespace Midstream.Releases.Tests;

public sealed class FindAndPruneTests : StoreFixture
{
    [Fact]
    public async Task List_Releases_AreNewestFirst()
    {
        var added = await AddManyAsync(4);

        Assert.Equal(added.Reverse(), Store.List());
    }

    [Fact]
    public async Task Find_WholeIdOrTellingPrefix_GivesTheRelease()
    {
        var added = await AddManyAsync(2);

        Assert.All(added, release => Assert.Equal(release, Store.Find(release.Id)));
        Assert.All(added, release => Assert.Equal(release, Store.Find(release.Id[..11].ToUpperInvariant())));
    }

    [Fact]
    public async Task Find_PrefixOfSeveral_SaysWhich()
    {
        var added = await AddManyAsync(17); // With sixteen digits, two of seventeen ids begin alike.
        var alike = added.GroupBy(release => release.Id[..1]).First(group => group.Count() > 1);

        var error = await RefusedAsync(ReleaseStoreFailure.Ambiguous, () => Task.FromResult(Store.Find(alike.Key)));

        Assert.All(alike, release => Assert.Contains(release.Id, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("xyz")]
    [InlineData("000000000000")]
    [InlineData("..")]
    public async Task Find_UnknownId_SaysNotFound(string id)
    {
        await AddManyAsync(1);

        await RefusedAsync(ReleaseStoreFailure.NotFound, () => Task.FromResult(Store.Find(id)));
    }

    [Theory]
    [InlineData("000000000000")]
    [InlineData("..")]
    public async Task FindDamage_UnknownId_SaysNotFound(string id) =>
        await RefusedAsync(ReleaseStoreFailure.NotFound, () => Task.FromResult(Store.FindDamage(id)));

    [Fact]
    public async Task Prune_KeepsTheNewestAndThoseInUse()
    {
        var added = await AddManyAsync(5);

        var removed = Store.Prune(2, new HashSet<string> { added[0].Id, added[4].Id });

        Assert.Equal([added[2].Id, added[1].Id], removed);
        Assert.Equal([added[4], added[3], added[0]], Store.List());
        Assert.Equal(6, NamesInStore().Count);
        Assert.All(Store.List(), release => Assert.Null(Store.FindDamage(release.Id)));
    }

    [Fact]
    public async Task Prune_KeepNone_RemovesAllThatIsNotInUse()
    {
        await AddManyAsync(2);

        Assert.Equal(2, Store.Prune(0, new HashSet<string>()).Count);

        Assert.Empty(NamesInStore());
        Assert.Throws<ArgumentOutOfRangeException>(() => Store.Prune(-1, new HashSet<string>()));
    }

    private async Task<StoredRelease[]> AddManyAsync(int count)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var store = new ReleaseStore(StoreDirectory) { Clock = clock };
        var added = new StoredRelease[count];
        for (var at = 0; at < count; at++)
        {
            Temporary.File("source/app", $"release {at}");
            added[at] = await store.AddAsync(Source, CancellationToken.None);
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        return added;
    }
}
