using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.BadInput;

/// <summary>Folders that cannot be deployed: refused before anything is stored, with what is wrong and what to do.</summary>
public sealed class FolderTests
{
    [Theory]
    [InlineData("no-program", "There is no program in")]
    [InlineData("two-programs", "There are several applications in")]
    [InlineData("missing", "There is no folder")]
    public async Task Run_OfWrongFolder_IsRefused(string kind, string said)
    {
        using var folder = new TemporaryFolder();
        await using var service = MidstreamService.Launch(folder, MakeWrong(folder, kind));

        var program = await service.Supervisor.WaitAsync();

        Assert.Equal(2, program.ExitCode);
        Assert.Contains(said, program.Error, StringComparison.Ordinal);
        Assert.Contains(folder.In(kind), program.Error, StringComparison.Ordinal);
        Assert.Empty(StoredIn(folder));
    }

    [Fact]
    public async Task Deploy_OfWrongFolder_IsRefusedAndOldServesOn()
    {
        await using var scene = await Scene.StartAsync();
        await using var load = await SteadyLoad.StartAsync(scene.Service.Url);
        var stored = StoredIn(scene.Folder);

        foreach (var (kind, said) in new[]
        {
            ("no-program", "There is no program in"), ("two-programs", "Echo, Misbehaving"), ("missing", "There is no folder"),
        })
        {
            var program = await scene.Service.RunAsync("deploy", MakeWrong(scene.Folder, kind));
            Assert.Equal(2, program.ExitCode);
            Assert.Contains(said, program.Error, StringComparison.Ordinal);
            Assert.Contains(scene.Folder.In(kind), program.Error, StringComparison.Ordinal);
        }

        Assert.Equal(stored, StoredIn(scene.Folder));
        await scene.AssertFirstServesOnAsync();
        await load.EndWithoutLossAsync();
    }

    private static string MakeWrong(TemporaryFolder folder, string kind)
    {
        var wrong = folder.In(kind);
        if (kind == "missing")
            return wrong;
        Directory.CreateDirectory(wrong);
        File.WriteAllText(Path.Combine(wrong, "readme.txt"), "No program.");
        if (kind == "two-programs")
        {
            foreach (var program in new[] { "Echo", "Misbehaving" })
            {
                var config = $"{program}.runtimeconfig.json";
                File.Copy(Path.Combine(Repository.Published($"tests/TestApps/{program}"), config), Path.Combine(wrong, config));
            }
        }

        return wrong;
    }

    private static List<string?> StoredIn(TemporaryFolder folder) =>
        [.. Directory.EnumerateDirectories(folder.In("state/tested/releases")).Select(Path.GetFileName).Order()];
}
