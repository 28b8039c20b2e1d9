using Midstream.Linux.Tests.Images;

namespace Midstream.Linux.Tests;

public sealed class OrphanReaperTests
{
    [Fact]
    public async Task Reaper_OfASubreaper_ReapsOrphansAndNobodyElsesChildren()
    {
        using var scene = new Scene();
        var (child, output) = scene.Start(Image.Command("orphans"), Image.StartEnvironment);
        var exit = await child.Exited.WaitAsync(Scene.Deadline);
        Assert.Equal(
            ["orphan=exited with code 9", "ours=exited with code 3", "theirs=4", "left=0"], await File.ReadAllLinesAsync(output));
        Assert.True(exit.Success);
    }
}
