// Merging the file with the command line: who wins, what the defaults are, and that nothing wrong gets through.

using System.Text;
using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class ServiceModelBuilderTests
{
    private static readonly CommandLineOverrides s_none = new();

    [Fact]
    public void Build_NothingSaid_IsTheDefaultService()
    {
        ServiceModel model = Model(null, s_none);

        Assert.Equal("app", model.Name);
        Assert.Null(model.Command);
        Assert.Equal(["http http 127.0.0.1:5000"], Sockets(model));
        Assert.Empty(model.Environment);
        Assert.True(model.Inject);
        Assert.Null(model.Health);
        Assert.Empty(model.WarmUp);
        Assert.Equal(15, model.Stop.Signal);
        AssertSectionsEqual(new ServiceModel { Name = "app", Listen = [] }, model);
    }

    [Fact]
    public void Build_EveryDefaultWrittenOut_IsTheDefaultService()
    {
        ServiceModel written = Model(
            """
            {
              "name": "app", "listen": ["http://127.0.0.1:5000"], "environment": {}, "inject": true,
              "ready": {"timeout_ms": 30000},
              "workers": {"count": 1, "replace": "one-by-one", "standby": false, "heartbeat_timeout_ms": 30000},
              "limits": {"memory_max_bytes": 0},
              "drain": {"timeout_ms": 30000}, "stop": {"signal": "TERM", "timeout_ms": 10000},
              "probation": {"duration_ms": 10000, "modules_ms": 5000}, "prepare": {"wait_ms": 900000},
              "state": {"freeze_ms_max": 1000}, "upgrade": {"timeout_ms": 30000},
              "warm_up": [],
              "restart": {"delay_min_ms": 100, "delay_max_ms": 30000, "crashes_max": 5, "window_ms": 60000},
              "releases": {"keep": 10},
              "logs": {"size_max_bytes": 16777216, "files_max": 5, "rotate_every_ms": 0, "compress": false,
                "queue_max_bytes": 33554432}
            }
            """,
            s_none);

        AssertSectionsEqual(written, Model(null, s_none));
        Assert.Equal(Sockets(Model(null, s_none)), Sockets(written));
    }

    [Theory]
    [InlineData("""{"listen": ["udp://127.0.0.1:5353"], "health": {}}""", "health")]
    [InlineData("""{"listen": ["udp://127.0.0.1:5353"], "warm_up": ["/"]}""", "warm_up")]
    [InlineData("""{"listen": ["udp://127.0.0.1:5353"], "ready": {"http": "/"}}""", "ready.http")]
    public void Build_QuestionsOverHttpWithDatagramSocketsAlone_AreErrors(string json, string path)
    {
        ConfigError error = Assert.Single(Errors(ServiceConfigReader.Read(Encoding.UTF8.GetBytes(json), "f").Config));

        Assert.Equal(path, error.Path);
        Assert.Contains("there are only datagram sockets", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_SamePortForTcpAndUdp_IsTwoSockets() => Assert.Equal(
        ["http http 127.0.0.1:5353", "udp udp 127.0.0.1:5353"],
        Sockets(Model("""{"listen": ["http://127.0.0.1:5353", "udp://127.0.0.1:5353"]}""", s_none)));

    [Fact]
    public void Build_EmptyHealthSection_IsAHealthCheckWithDefaults()
    {
        HealthModel health = Model("""{"health": {}}""", s_none).Health!;

        Assert.Equal(new HealthModel(), health);
        Assert.Equal(
            ("/healthz", 1.0, 2.0, 3),
            (health.Path, health.Interval.TotalSeconds, health.Timeout.TotalSeconds, health.FailuresMax));
    }

    [Fact]
    public void Build_EveryOption_ReachesItsPlaceInTheModel()
    {
        ServiceModel model = Model(
            """
            {
              "name": "shop", "command": ["a", ""], "pid_file": "/run/p", "environment": {"K": "V"}, "inject": false,
              "ready": {"http": "/r", "timeout_ms": 1},
              "health": {"path": "/h", "interval_ms": 12, "timeout_ms": 3, "failures_max": 4},
              "warm_up": ["/", {"method": "POST", "path": "/x", "headers": {"A": "b"}, "body": "c", "count": 5}],
              "workers": {"count": 3, "replace": "all-at-once", "standby": true, "heartbeat_timeout_ms": 0},
              "limits": {"memory_max_bytes": 18, "open_files_max": 65, "user": "u", "group": "8", "nice": -3,
                "umask": "0027", "working_directory": "/srv"},
              "drain": {"timeout_ms": 6}, "stop": {"signal": "INT", "timeout_ms": 8},
              "probation": {"duration_ms": 0, "modules_ms": 7}, "prepare": {"wait_ms": 2345},
              "state": {"freeze_ms_max": 5}, "upgrade": {"timeout_ms": 1234},
              "restart": {"delay_min_ms": 10, "delay_max_ms": 11, "crashes_max": 12, "window_ms": 13},
              "releases": {"keep": 14},
              "logs": {"size_max_bytes": 70000, "files_max": 16, "rotate_every_ms": 17, "compress": true,
                "queue_max_bytes": 2000000}
            }
            """,
            s_none);

        Assert.Equal(("shop", false), (model.Name, model.Inject));
        Assert.Equal(["a", ""], model.Command!);
        Assert.Equal("/run/p", model.PidFile);
        Assert.Equal("V", model.Environment["K"]);
        Assert.Equal(new ReadyModel { Http = "/r", Timeout = Ms(1) }, model.Ready);
        Assert.Equal(new HealthModel { Path = "/h", Interval = Ms(12), Timeout = Ms(3), FailuresMax = 4 }, model.Health);
        Assert.Equal(("GET", "/", 0, null, 1), Parts(model.WarmUp[0]));
        Assert.Equal(("POST", "/x", 1, "c", 5), Parts(model.WarmUp[1]));
        Assert.Equal("b", model.WarmUp[1].Headers["a"]);
        Assert.Equal(
            new WorkersModel
            {
                Count = 3, Replace = WorkerReplacement.AllAtOnce, Standby = true, HeartbeatTimeout = TimeSpan.Zero,
            },
            model.Workers);
        Assert.Equal(
            new LimitsModel
            {
                MemoryMaxBytes = 18, OpenFilesMax = 65, User = "u", Group = "8", Nice = -3,
                Umask = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute,
                WorkingDirectory = "/srv",
            },
            model.Limits);
        Assert.Equal(new DrainModel { Timeout = Ms(6) }, model.Drain);
        Assert.Equal(new StopModel { Signal = 2, Timeout = Ms(8) }, model.Stop);
        Assert.Equal(new ProbationModel { Duration = TimeSpan.Zero, Modules = Ms(7) }, model.Probation);
        Assert.Equal(Ms(2345), model.Prepare.Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(5), model.State.FreezeMax);
        Assert.Equal(Ms(1234), model.Upgrade.Timeout);
        Assert.Equal(
            new RestartModel { DelayMin = Ms(10), DelayMax = Ms(11), CrashesMax = 12, Window = Ms(13) }, model.Restart);
        Assert.Equal(new ReleasesModel { Keep = 14 }, model.Releases);
        Assert.Equal(
            new LogsModel
            {
                SizeMaxBytes = 70000,
                FilesMax = 16,
                RotateEvery = TimeSpan.FromMilliseconds(17),
                Compress = true,
                QueueMaxBytes = 2_000_000,
            },
            model.Logs);
    }

    [Fact]
    public void Build_CommandLine_WinsOverTheFile()
    {
        ServiceModel model = Model(
            """{"name": "file", "command": ["file"], "listen": ["http://127.0.0.1:1"], "pid_file": "/file"}""",
            new CommandLineOverrides
            {
                Name = "line", Command = ["line"], Listen = ["http://127.0.0.1:2"], DefaultName = "default", PidFile = "/line",
            });

        Assert.Equal("line", model.Name);
        Assert.Equal(["line"], model.Command!);
        Assert.Equal("/line", model.PidFile);
        Assert.Equal(["http http 127.0.0.1:2"], Sockets(model));
    }

    [Theory]
    [InlineData("{}", null, 1)]
    [InlineData("""{"workers": {"count": "auto"}}""", null, null)]
    [InlineData("""{"workers": {"count": "auto"}}""", "4", 4)]
    [InlineData("""{"workers": {"count": 4}}""", "auto", null)]
    [InlineData("""{"workers": {"standby": true}}""", "1024", 1024)]
    public void Build_NumberOfWorkers_ComesFromTheCommandLineThenTheFile(string json, string? workers, int? expected) =>
        Assert.Equal(expected, Model(json, new CommandLineOverrides { Workers = workers }).Workers.Count);

    [Theory]
    [InlineData("0")]
    [InlineData("1025")]
    [InlineData("-1")]
    [InlineData("")]
    [InlineData("all")]
    [InlineData("99999999999999999999")]
    public void Build_NumberOfWorkersThatIsNone_IsRefusedOnTheCommandLine(string workers) =>
        Assert.Equal("--workers", Assert.Single(
            ServiceModelBuilder.Build(null, new CommandLineOverrides { Workers = workers }).Errors).Path);

    [Theory]
    [InlineData("")]
    [InlineData("shop.pid")]
    [InlineData("/run/shop/")]
    public void Build_PidFileThatIsNoAbsoluteFile_IsRefusedInTheFileAndOnTheCommandLine(string path)
    {
        Assert.Equal("pid_file", Assert.Single(Errors(new ServiceConfig { PidFile = path })).Path);
        Assert.Equal("--pid-file", Assert.Single(
            ServiceModelBuilder.Build(null, new CommandLineOverrides { PidFile = path }).Errors).Path);
    }

    [Theory]
    [InlineData("{}", null, "app")]
    [InlineData("{}", "folder", "folder")]
    [InlineData("""{"name": "file"}""", "folder", "file")]
    public void Build_Name_ComesFromTheFileThenTheDefault(string json, string? defaultName, string expected) =>
        Assert.Equal(expected, Model(json, new CommandLineOverrides { DefaultName = defaultName }).Name);

    [Fact]
    public void Build_ManySockets_GetNamesOfTheirOwn()
    {
        ServiceModel model = Model(
            """
            {"listen": ["http://localhost:1", {"url": "http://127.0.0.1:2", "name": "http-2"}, "https://127.0.0.1:3",
              {"url": "http://localhost:4", "name": "web"}, "unix:/run/s", "http://127.0.0.1:0", "http://127.0.0.1:0"]}
            """,
            s_none);

        Assert.Equal(
        [
            "http http 127.0.0.1:1", "http-3 http [::1]:1", "http-2 http 127.0.0.1:2", "https https 127.0.0.1:3",
            "web http 127.0.0.1:4", "web-2 http [::1]:4", "http-4 http /run/s", "http-5 http 127.0.0.1:0",
            "http-6 http 127.0.0.1:0",
        ], Sockets(model));
    }

    [Fact]
    public void Build_UnixSocket_HasItsModeAndOwner()
    {
        ServiceModel model = Model("""{"listen": ["unix:/a", {"url": "unix:/b", "mode": "0751", "owner": ":web"}]}""", s_none);

        Assert.Equal((UnixFileMode)0x1B0, model.Listen[0].Mode); // 0660
        Assert.Null(model.Listen[0].Owner);
        Assert.Equal((UnixFileMode)0x1E9, model.Listen[1].Mode); // 0751
        Assert.Equal(":web", model.Listen[1].Owner);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1", "https://127.0.0.1:1")]
    [InlineData("http://localhost:1", "http://[::1]:1")]
    [InlineData("http://*:1", "http://127.0.0.1:1")]
    [InlineData("http://[::1]:1", "http://*:1")]
    [InlineData("http://0.0.0.0:1", "http://*:1")]
    [InlineData("http://0.0.0.0:1", "http://127.0.0.2:1")]
    [InlineData("unix:/a", "http://unix:/a")]
    public void Build_SocketsThatCannotBeBoundTogether_AreRefused(string first, string second) =>
        Assert.Contains("takes the same address", Assert.Single(Errors(null, [first, second])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("http://0.0.0.0:1", "http://[::1]:1")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.2:1")]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2")]
    [InlineData("http://*:0", "http://127.0.0.1:0")]
    [InlineData("unix:/a", "unix:/b")]
    public void Build_SocketsThatCanBeBoundTogether_AreTaken(string first, string second) =>
        Assert.Empty(Errors(null, [first, second]));

    [Fact]
    public void Build_SameNameTwice_IsRefused() =>
        Assert.Equal("listen[1].name", Assert.Single(Errors(new ServiceConfig
        {
            Listen = [new("unix:/a", "web"), new("unix:/b", "web")],
        })).Path);

    [Fact]
    public void Build_CommandLineMistakes_AreAllReported()
    {
        ModelResult result = ServiceModelBuilder.Build(
            null, new CommandLineOverrides { Name = "A", Listen = ["x", "y"], Command = [] });

        Assert.Null(result.Model);
        Assert.Equal(
            ["command line: --name", "command line: command", "command line: --listen x", "command line: --listen y"],
            result.Errors.Select(error => $"{error.File}: {error.Path}"));
        Assert.Equal($"command line: --name: {result.Errors[0].Message}", result.Errors[0].ToString());
    }

    [Fact]
    public void Build_ConfigMadeByHand_IsCheckedToo()
    {
        IReadOnlyList<ConfigError> errors = Errors(new ServiceConfig
        {
            Name = "A", Ready = new ReadyConfig(TimeoutMs: 0), WarmUp = [new WarmUpConfig("x", Count: 0)], Command = [],
        });

        Assert.Equal(
            ["name", "command", "ready.timeout_ms", "warm_up[0]", "warm_up[0].count"], errors.Select(error => error.Path));
        Assert.StartsWith("midstream.json: name: ", errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_ConfigChangedAfterwards_LeavesTheModelAsItWas()
    {
        string[] command = ["a"];
        Dictionary<string, string> environment = new() { ["K"] = "V" };
        ServiceConfig config = new() { Command = command, Environment = environment };
        ServiceModel model = ServiceModelBuilder.Build(config, s_none).Model!;

        command[0] = "b";
        environment["K"] = "W";

        Assert.Equal("a", model.Command![0]);
        Assert.Equal("V", model.Environment["K"]);
    }

    private static ServiceModel Model(string? json, CommandLineOverrides overrides)
    {
        ServiceConfig? config = json is null ? null : ServiceConfigReader.Read(Encoding.UTF8.GetBytes(json), "f").Config;
        Assert.Equal(json is null, config is null);
        ModelResult result = ServiceModelBuilder.Build(config, overrides);
        Assert.Empty(result.Errors);
        return result.Model!;
    }

    private static IReadOnlyList<ConfigError> Errors(ServiceConfig? config, string[]? listen = null) =>
        ServiceModelBuilder.Build(config, new CommandLineOverrides { Listen = listen ?? [] }).Errors;

    private static string[] Sockets(ServiceModel model) =>
        [.. model.Listen.Select(socket => $"{socket.Name} {socket.Scheme} {socket.EndPoint}{socket.UnixPath}")];

    private static (string, string, int, string?, int) Parts(WarmUpRequest request) =>
        (request.Method, request.Path, request.Headers.Count, request.Body, request.Count);

    private static void AssertSectionsEqual(ServiceModel expected, ServiceModel actual) => Assert.Equal(
        (expected.Ready, expected.Drain, expected.Stop, expected.Probation, expected.Restart, expected.Releases, expected.Logs,
            expected.State, expected.Upgrade, expected.Prepare,
            expected.Workers, expected.Limits),
        (actual.Ready, actual.Drain, actual.Stop, actual.Probation, actual.Restart, actual.Releases, actual.Logs,
            actual.State, actual.Upgrade, actual.Prepare,
            actual.Workers, actual.Limits));

    private static TimeSpan Ms(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
