using System.Net;
using System.Net.Sockets;
using Midstream.Control.Operators;
using Midstream.FunctionalTests.Faults;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Workers;

/// <summary>midstream.json changes while the service runs: all of it holds afterwards, or nothing of it.</summary>
public sealed class ReloadTests
{
    private const string Mark = "MIDSTREAM_TEST_MARK";

    [Fact]
    public async Task Reload_EnvironmentListenAndCount_AllHoldAndNothingIsLost()
    {
        var (first, second) = (FreePort(), FreePort());
        await using var crew = await Crew.StartAsync(Configuration([first], count: 1), listen: []);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        crew.Configure(Configuration([first, second], count: 2, $"\"{Mark}\": \"changed\""));

        var result = Scene.ResultOf(await crew.Service.RunAsync("reload", "--json"));

        Assert.Equal(Outcomes.Committed, result.Outcome);
        var status = await crew.AssertServeAsync(2, crew.First.Release!);
        Assert.Equal(2, status.Listeners.Count);
        Assert.All(status.Workers, worker => Assert.Equal("changed", Crew.VariableOf(worker.Pid, Mark)));
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri($"http://127.0.0.1:{second}/"))).StatusCode);

        // And back again: the socket that is no longer wanted is closed.
        crew.Configure(Configuration([first], count: 1));
        Assert.Equal(Outcomes.Committed, Scene.ResultOf(await crew.Service.RunAsync("reload", "--json")).Outcome);
        await crew.AssertServeAsync(1, crew.First.Release!);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri($"http://127.0.0.1:{second}/")));
        await load.EndWithoutLossAsync();
    }

    [Theory]
    [InlineData("{ \"workers\": { \"count\": ")]
    [InlineData("{ \"workers\": { \"count\": 0 } }")]
    public async Task Reload_BrokenConfiguration_IsRefusedAndNothingChanges(string broken)
    {
        await using var crew = await Crew.StartAsync("""{ "workers": { "count": 2 } }""");
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        crew.Configure(broken);

        var refused = await crew.Service.RunAsync("reload");

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("midstream.json", refused.Error, StringComparison.Ordinal);
        await crew.AssertFirstServeOnAsync();
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Reload_WorkersFailAtTheStart_OldConfigurationHolds()
    {
        await using var crew = await Crew.StartAsync(Configuration([], 2), Misbehaving);
        await using var load = await SteadyLoad.StartAsync(crew.Service.Url);
        crew.Configure(Configuration([], 3, "\"MISBEHAVE\": \"crash-at-start\""));

        var result = Scene.ResultOf(await crew.Service.RunAsync("reload", "--json"));

        Assert.Equal("worker-exited-before-ready", result.Failure);
        await crew.AssertFirstServeOnAsync();
        await AssertOldConfigurationHoldsAsync(crew);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Reload_MoreWorkersThatFailInProbation_OldConfigurationAndNumberHold()
    {
        await using var crew = await Crew.StartAsync(Configuration([], 1), Misbehaving);
        var now = crew.Folder.In("now");
        crew.Configure(Configuration([], 2, $"\"MISBEHAVE\": \"crash-when:{now}\"", probationMs: 20_000));
        await using var reload = crew.Service.Begin("reload", "--json");
        await reload.WaitForTextAsync("\"phase\":\"probation\"");

        await File.WriteAllTextAsync(now, "");

        Assert.Equal("worker-crashed-in-probation", Scene.ResultOf(await reload.WaitAsync()).Failure);
        await AssertOldConfigurationHoldsAsync(crew);
    }

    [Fact]
    public async Task Reload_GivenUp_OldConfigurationHolds()
    {
        await using var crew = await Crew.StartAsync(Configuration([], 1), Misbehaving);
        crew.Configure(Configuration([], 2, "\"MISBEHAVE\": \"hang-at-start\""));
        await using var reload = crew.Service.Begin("reload", "--json");
        await reload.WaitForTextAsync("\"phase\":\"ready\"");

        reload.Signal("INT");

        Assert.Equal(Outcomes.Cancelled, Scene.ResultOf(await reload.WaitAsync()).Outcome);
        await crew.AssertFirstServeOnAsync();
        await AssertOldConfigurationHoldsAsync(crew);
    }

    private static string Misbehaving(TemporaryFolder folder) => folder.Faulty("none");

    // The next generation is the witness: it is started with what holds.
    private static async Task AssertOldConfigurationHoldsAsync(Crew crew)
    {
        await crew.AssertServeAsync(crew.First.WorkerCount, crew.First.Release!);
        var result = await crew.Service.DeployWellAsync(crew.Folder.Working("witness"));
        var status = await crew.AssertServeAsync(crew.First.WorkerCount, result.Release!);
        Assert.All(status.Workers, worker => Assert.Null(Crew.VariableOf(worker.Pid, "MISBEHAVE")));
    }

    private static string Configuration(int[] ports, int count, string environment = "", int probationMs = 200)
    {
        var listen = ports.Length == 0
            ? "" : $"\"listen\": [{string.Join(", ", ports.Select(port => $"\"http://127.0.0.1:{port}\""))}],";
        return $$"""
            {
              {{listen}}
              "workers": { "count": {{count}} },
              "environment": { {{environment}} },
              "probation": { "duration_ms": {{probationMs}} }
            }
            """;
    }

    // A port must be named to be kept over a reload; the kernel says which is free.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
