namespace Midstream.Releases.Tests;

public sealed class ReleaseIdTests : StoreFixture
{
    [Fact]
    public async Task Add_SameContentInOtherFolderWithOtherTimes_GivesTheSameId()
    {
        Fill("source");
        Fill("other");
        foreach (var path in Directory.EnumerateFiles(Temporary.At("other"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(path, new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        var elsewhere = ReleaseStore.Open(Temporary.At("second-store"));

        var first = await AddSourceAsync();
        var second = await elsewhere.AddAsync(Temporary.At("other"), CancellationToken.None);

        Assert.Equal(first.Id, second.Id);
        Assert.Matches("^[0-9a-f]{12}$", first.Id);
    }

    [Fact]
    public async Task Add_KnownContent_GivesTheIdWrittenDownOnce()
    {
        Fill("source");

        // Computed apart from this program. Stored releases must keep their names, so it may never change.
        Assert.Equal("80267173b147", (await AddSourceAsync()).Id);
    }

    [Theory]
    [InlineData("content")]
    [InlineData("executable")]
    [InlineData("name")]
    [InlineData("empty folder")]
    [InlineData("link target")]
    public async Task Add_OneDifference_GivesAnotherId(string difference)
    {
        Fill("source");
        var before = await AddSourceAsync();

        switch (difference)
        {
            case "content": Temporary.File("source/app.dll", "cod3"); break;
            case "executable": TemporaryFolder.MakeExecutable(Temporary.At("source/app.dll")); break;
            case "name": File.Move(Temporary.At("source/app.dll"), Temporary.At("source/App.dll")); break;
            case "empty folder": Temporary.Folder("source/uploads/deep"); break;
            default:
                File.Delete(Temporary.At("source/current"));
                Temporary.Link("source/current", "wwwroot/index.html");
                break;
        }

        Assert.NotEqual(before.Id, (await AddSourceAsync()).Id);
    }

    private void Fill(string folder)
    {
        Temporary.File($"{folder}/app.dll", "code");
        Temporary.File($"{folder}/run.sh", "#!/bin/sh\n", executable: true);
        Temporary.File($"{folder}/wwwroot/index.html", "<p>");
        Temporary.File($"{folder}/empty.txt", "");
        Temporary.Folder($"{folder}/uploads");
        Temporary.Link($"{folder}/current", "wwwroot");
    }
}
