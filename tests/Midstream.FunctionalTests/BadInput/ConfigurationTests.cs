using Midstream.TestKit;

namespace Midstream.FunctionalTests.BadInput;

/// <summary>A midstream.json that is wrong: every mistake is said at once, with its line.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task Run_ConfigurationWithSeveralMistakes_SaysAllWithTheirLines()
    {
        var program = await RunAsync("""
            {
              "heath": { "path": "/healthz" },
              "drain": { "timeout_ms": "long" },
              "restart": { "crashes_max": 0 },
              "listen": ["ftp://127.0.0.1"]
            }
            """);

        Assert.Equal(2, program.ExitCode);
        Assert.Contains("midstream.json:2:", program.Error, StringComparison.Ordinal);
        Assert.Contains("health", program.Error, StringComparison.Ordinal);
        Assert.Contains("midstream.json:3:", program.Error, StringComparison.Ordinal);
        Assert.Contains("midstream.json:4:", program.Error, StringComparison.Ordinal);
        Assert.Contains("midstream.json:5:", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ConfigurationThatIsNoJson_SaysWhere()
    {
        var program = await RunAsync("{\n  \"name\": \"tested\"\n  \"inject\": true\n}");

        Assert.Equal(2, program.ExitCode);
        Assert.Contains("midstream.json:3:", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ConfigurationMissing_SaysSo()
    {
        using var folder = new TemporaryFolder();

        var program = await RunningProgram.RunAsync(
            Repository.Program, ["run", folder.Path, "--config", folder.In("none.json"), "--state", folder.In("state")]);

        Assert.Equal(2, program.ExitCode);
        Assert.Contains(folder.In("none.json"), program.Error, StringComparison.Ordinal);
    }

    private static async Task<ProgramResult> RunAsync(string configuration)
    {
        using var folder = new TemporaryFolder();
        await using var service = MidstreamService.Launch(folder, folder.Path, configuration, listen: []);
        return await service.Supervisor.WaitAsync();
    }
}
