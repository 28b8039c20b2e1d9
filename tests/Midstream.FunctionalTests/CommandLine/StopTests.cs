using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.CommandLine;

/// <summary>`midstream stop`, and `logs`, which goes on to work when nothing runs.</summary>
public sealed class StopTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stop_OfService_ReturnsWhenAllIsGone(bool json)
    {
        await using var scene = await Scene.StartAsync();
        using var http = new HttpClient();
        using var underWay = await http.GetAsync(
            new Uri(scene.Service.Url, "/stream?chunks=10&delayMs=50"), HttpCompletionOption.ResponseHeadersRead);

        var program = await scene.Service.RunAsync(json ? ["stop", "--json"] : ["stop"]);

        Assert.Equal(0, program.ExitCode);
        Assert.False(Processes.IsAlive(scene.First.Pid));
        if (json)
            Assert.Equal(Outcomes.Stopped, Scene.ResultOf(program).Outcome);
        else
            Assert.StartsWith("stopped", program.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await scene.Service.Supervisor.WaitAsync()).ExitCode);
        // The service stopped in order: what was under way has been answered to its end.
        Assert.EndsWith($"9 {scene.First.Pid}\n", await underWay.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await AssertNothingRunsAsync(scene.Service);
        await AssertLogsAsync(scene.Service);
    }

    [Fact]
    public async Task Logs_WithLinesAndFollow_ShowsTheLastAndWhatComes()
    {
        await using var scene = await Scene.StartAsync();

        var two = await scene.Service.RunAsync("logs", "--lines", "2");
        Assert.Equal(2, two.Output.TrimEnd('\n').Split('\n').Length);
        Assert.Equal(2, (await scene.Service.RunAsync("logs", "--lines", "-1")).ExitCode);

        await using var following = scene.Service.Begin("logs", "--follow");
        await following.WaitForTextAsync(" g1.1 ");
        await scene.Service.DeployWellAsync(scene.Folder.Working("second"));
        await following.WaitForTextAsync(" g2.1 ");
        following.Signal("INT");
        Assert.Equal(0, (await following.WaitAsync()).ExitCode);
    }

    private static async Task AssertNothingRunsAsync(MidstreamService service)
    {
        string[][] commands = [["status"], ["stop"], ["releases"], ["rollback"], ["deploy", service.Folder.Path]];
        foreach (var arguments in commands)
        {
            var program = await service.RunAsync(arguments);
            Assert.True(program.ExitCode == 3, $"{arguments[0]}: {program}");
            Assert.Contains("No supervisor runs", program.Error, StringComparison.Ordinal);
            Assert.Contains("midstream run", program.Error, StringComparison.Ordinal);
        }
    }

    private static async Task AssertLogsAsync(MidstreamService service)
    {
        var logs = await service.RunAsync("logs");
        Assert.Equal(0, logs.ExitCode);
        Assert.Contains("Application is shutting down", logs.Output, StringComparison.Ordinal);
    }
}
