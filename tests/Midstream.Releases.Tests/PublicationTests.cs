namespace Midstream.Releases.Tests;

public sealed class PublicationTests : StoreFixture
{
    private const int Rounds = 100;

    // Finished copies of one release are published at the same instant, again and again: the whole of a race, none of its luck.
    [Fact]
    public async Task TryPublish_SameReleaseTwiceAtOnce_PublishesOne()
    {
        var layout = new StoreLayout(StoreDirectory);
        for (var round = 0; round < Rounds; round++)
        {
            Temporary.File("source/app", $"release {round}");
            using var first = Incoming.Begin(layout);
            using var second = Incoming.Begin(layout);
            var manifest = await CopyAsync(first);
            await CopyAsync(second);
            using var start = new Barrier(2);

            bool Publish(Incoming copy)
            {
                start.SignalAndWait(TimeSpan.FromSeconds(30));
                return Publication.TryPublish(layout, copy, manifest);
            }

            var published = await Task.WhenAll(Task.Run(() => Publish(first)), Task.Run(() => Publish(second)));

            Assert.Single(published, true);
            Assert.Null(Store.FindDamage(manifest.Id));
        }
        Assert.Equal(2 * Rounds, NamesInStore().Count);
    }

    private async Task<ReleaseManifest> CopyAsync(Incoming incoming)
    {
        var found = SourceWalk.Of(Source, CancellationToken.None);
        var entries = await FolderContent.CopyAsync(Source, found, incoming.Folder, CancellationToken.None);
        return new ReleaseManifest(
            ReleaseManifest.CurrentFormatVersion, ReleaseId.Of(entries), DateTimeOffset.UtcNow, Source, entries);
    }
}
