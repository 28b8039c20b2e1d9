namespace Midstream.Releases.Tests;

public sealed class DamageTests : StoreFixture
{
    public static TheoryData<string, string> Damages => new()
    {
        { "changed, same size", "'b/file' differs" },
        { "truncated", "'b/file' differs" },
        { "executable", "'b/file' differs" },
        { "missing", "'b/file' is missing" },
        { "surplus", "'b/extra' is surplus" },
        { "surplus link outside", "'b/extra' is surplus" },
        { "folder missing", "'empty' is missing" },
        { "link elsewhere", "'link' differs" },
        { "link became file", "'link' differs" },
        { "manifest", ".json' differs" },
        { "manifest entry", ".json' does not describe what was stored" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task FindDamage_OneThingWrong_NamesIt(string damage, string expected)
    {
        Temporary.File("source/a", "first");
        Temporary.File("source/b/file", "second");
        Temporary.Folder("source/empty");
        Temporary.Link("source/link", "a");
        var release = await AddSourceAsync();
        Assert.Null(Store.FindDamage(release.Id));

        Inflict(damage, release.Folder);

        Assert.EndsWith(expected, Store.FindDamage(release.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindDamage_SeveralThingsWrong_NamesTheFirstByPath()
    {
        foreach (var name in new[] { "a", "b", "c" })
            Temporary.File($"source/{name}");
        var release = await AddSourceAsync();

        File.Delete(Path.Combine(release.Folder, "c"));
        File.Delete(Path.Combine(release.Folder, "b"));

        Assert.Equal("'b' is missing", Store.FindDamage(release.Id));
    }

    private static void Inflict(string damage, string folder)
    {
        string At(string path) => Path.Combine(folder, path);
        TemporaryFolder.MakeWritable(At("b/file"));
        switch (damage)
        {
            case "changed, same size": File.WriteAllText(At("b/file"), "SECOND"); break;
            case "truncated": File.WriteAllText(At("b/file"), ""); break;
            case "executable": TemporaryFolder.MakeExecutable(At("b/file")); break;
            case "missing": File.Delete(At("b/file")); break;
            case "surplus": File.WriteAllText(At("b/extra"), ""); break;
            case "surplus link outside": File.CreateSymbolicLink(At("b/extra"), "/etc"); break;
            case "folder missing": Directory.Delete(At("empty")); break;
            case "link elsewhere": Replace(At("link"), path => File.CreateSymbolicLink(path, "b/file")); break;
            case "link became file": Replace(At("link"), path => File.WriteAllText(path, "first")); break;
            case "manifest": File.WriteAllText(folder + ".json", "{"); break;
            case "manifest entry": SpoilEntry(folder + ".json"); break;
            default: throw new ArgumentOutOfRangeException(nameof(damage), damage, "Not a damage this test knows.");
        }
    }

    private static void Replace(string path, Action<string> make)
    {
        File.Delete(path);
        make(path);
    }

    private static void SpoilEntry(string manifest) => File.WriteAllText(
        manifest, File.ReadAllText(manifest).Replace("\"b/file\"", "\"b/tile\"", StringComparison.Ordinal));
}
