using System.Diagnostics;

namespace Midstream.Releases.Tests;

public sealed class RepairTests : StoreFixture
{
    [Fact]
    public async Task Open_ManifestWithoutFolder_RemovesIt()
    {
        Temporary.File("source/app");
        var release = await AddSourceAsync();
        Directory.Move(release.Folder, Temporary.At("elsewhere"));

        Assert.Empty(Store.List()); // No release to anyone, even before the repair.
        ReleaseStore.Open(StoreDirectory);

        Assert.Empty(NamesInStore());
        Assert.False((await AddSourceAsync()).AlreadyStored);
    }

    [Fact]
    public async Task Add_ManifestWithoutFolder_StoresTheReleaseAnew()
    {
        Temporary.File("source/app");
        var release = await AddSourceAsync();
        Directory.Move(release.Folder, Temporary.At("elsewhere"));

        var again = await AddSourceAsync();

        Assert.False(again.AlreadyStored);
        Assert.Null(Store.FindDamage(again.Id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{ \"format_version\": 1, \"id\":")]
    [InlineData("{}")]
    public async Task Open_FolderWithoutGoodManifest_RebuildsItFromTheContent(string? manifest)
    {
        Temporary.File("source/app", "12345");
        Temporary.Folder("source/empty");
        var release = await AddSourceAsync();
        SpoilManifest(release, manifest);

        var found = ReleaseStore.Open(StoreDirectory).Find(release.Id);

        Assert.Equal((release.Id, 5, 1), (found.Id, found.SizeBytes, found.Files));
        Assert.Null(Store.FindDamage(release.Id));
        Assert.Equal(2, NamesInStore().Count);
    }

    [Fact]
    public async Task Open_FolderWithoutManifestAndOtherContent_IsLeftAloneAndNotListed()
    {
        Temporary.File("source/app", "12345");
        var release = await AddSourceAsync();
        SpoilManifest(release, null);
        Temporary.File($"store/{release.Id}/surplus");

        Assert.Empty(ReleaseStore.Open(StoreDirectory).List());
        Assert.True(File.Exists(Path.Combine(release.Folder, "app")));

        Assert.False((await AddSourceAsync()).AlreadyStored); // Adding it again replaces what nothing vouches for.
        Assert.Null(Store.FindDamage(release.Id));
        Assert.Equal(2, NamesInStore().Count);
    }

    [Fact]
    public async Task Open_ManifestOfANewerFormat_IsNeitherReadNorOverwritten()
    {
        Temporary.File("source/app");
        var release = await AddSourceAsync();
        var path = release.Folder + ".json";
        var newer = File.ReadAllText(path).Replace("\"format_version\": 1", "\"format_version\": 2", StringComparison.Ordinal);
        File.WriteAllText(path, newer);

        var store = ReleaseStore.Open(StoreDirectory);

        Assert.Equal(newer, File.ReadAllText(path));
        Assert.Empty(store.List());
        await RefusedAsync(ReleaseStoreFailure.StoreUnusable, () => Task.FromResult(store.Find(release.Id)));
    }

    [Fact]
    public void Open_LeftoversOfKilledProcesses_RemovesThem()
    {
        Temporary.File("store/.incoming-aaa/app");
        Temporary.File("store/.incoming-aaa.lock", "");
        Temporary.File("store/.incoming-bbb.json");
        Temporary.File("store/.incoming-ccc/app");
        Temporary.File("store/.discarded-ddd/app");

        ReleaseStore.Open(StoreDirectory);

        Assert.Empty(NamesInStore());
    }

    [Fact]
    public async Task Open_LeftoverThatCannotBeRemoved_OpensAllTheSame()
    {
        Temporary.File("source/app");
        foreach (var folder in new[] { ".incoming-aaa", ".discarded-bbb" })
        {
            var path = Temporary.Folder($"store/{folder}");
            using var make = Process.Start("sh", ["-c", "printf x > \"$1/$(printf 'caf\\351')\"", "sh", path]);
            await make.WaitForExitAsync();
        }

        Assert.Empty(ReleaseStore.Open(StoreDirectory).List());
        Assert.Null(Store.FindDamage((await AddSourceAsync()).Id));

        Assert.Contains(".discarded-bbb", NamesInStore());
        using var remove = Process.Start("rm", ["-r", StoreDirectory]); // The base library cannot.
        await remove.WaitForExitAsync();
    }

    [Fact]
    public async Task Open_PathThatIsAFile_SaysStoreUnusable() => await RefusedAsync(
        ReleaseStoreFailure.StoreUnusable, () => Task.FromResult(ReleaseStore.Open(Temporary.File("a-file"))));

    [Fact]
    public async Task Add_StoreThatWasNeverOpened_SaysStoreUnusable()
    {
        Temporary.File("source/app");
        var never = new ReleaseStore(Temporary.At("never"));

        await RefusedAsync(ReleaseStoreFailure.StoreUnusable, () => never.AddAsync(Source, CancellationToken.None));
    }

    private static void SpoilManifest(StoredRelease release, string? content)
    {
        if (content is null)
            File.Delete(release.Folder + ".json");
        else
            File.WriteAllText(release.Folder + ".json", content);
    }
}
