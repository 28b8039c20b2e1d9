// What a file says comes through, and what is wrong with it is said all at once, each at its place.

using System.Text;
using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class ServiceConfigReaderTests
{
    [Fact]
    public void Read_EveryOption_ComesThrough()
    {
        ServiceConfig config = Valid("""
            {
              "$schema": "./midstream.schema.json", "name": "shop", "command": ["dotnet", "Shop.dll"],
              "listen": ["http://127.0.0.1:5001", {"url": "unix:/run/s", "mode": "0600", "owner": "a:b", "name": "web"}],
              "environment": {"K": "V"}, "inject": false,
              "ready": {"http": "/r", "timeout_ms": 1},
              "health": {"path": "/h", "interval_ms": 12, "timeout_ms": 3, "failures_max": 4},
              "warm_up": ["/", {"method": "POST", "path": "/x", "headers": {"A": "b"}, "body": "c", "count": 5}],
              "workers": {"count": 3, "replace": "all-at-once", "standby": true, "heartbeat_timeout_ms": 17},
              "limits": {"memory_max_bytes": 18, "open_files_max": 65, "user": "u", "group": "g", "nice": -3,
                "umask": "0027", "working_directory": "/srv"},
              "drain": {"timeout_ms": 6},
              "stop": {"signal": "INT", "timeout_ms": 8},
              "probation": {"duration_ms": 9, "modules_ms": 8}, "prepare": {"wait_ms": 2345},
              "state": {"freeze_ms_max": 77}, "upgrade": {"timeout_ms": 1234},
              "restart": {"delay_min_ms": 10, "delay_max_ms": 11, "crashes_max": 12, "window_ms": 13},
              "releases": {"keep": 14},
              "logs": {"size_max_bytes": 70000, "files_max": 16, "rotate_every_ms": 17, "compress": true,
                "queue_max_bytes": 2000000}
            }
            """);

        Assert.Equal("shop", config.Name);
        Assert.Equal(["dotnet", "Shop.dll"], config.Command!);
        Assert.Equal([new("http://127.0.0.1:5001"), new("unix:/run/s", "web", "0600", "a:b")], config.Listen!);
        Assert.Equal("V", Assert.Single(config.Environment!, pair => pair.Key == "K").Value);
        Assert.False(config.Inject);
        Assert.Equal(new ReadyConfig("/r", 1), config.Ready);
        Assert.Equal(new HealthConfig("/h", 12, 3, 4), config.Health);
        Assert.Equal(new WarmUpConfig("/"), config.WarmUp![0]);
        Assert.Equal(new WarmUpConfig("/x", "POST", null, "c", 5), config.WarmUp[1] with { Headers = null });
        Assert.Equal("b", config.WarmUp[1].Headers!["A"]);
        Assert.Equal(new WorkersConfig(new WorkersCount(3), "all-at-once", true, 17), config.Workers);
        Assert.Equal(new LimitsConfig(18, 65, "u", "g", -3, "0027", "/srv"), config.Limits);
        Assert.Equal(new DrainConfig(6), config.Drain);
        Assert.Equal(new StopConfig("INT", 8), config.Stop);
        Assert.Equal(new ProbationConfig(9, 8), config.Probation);
        Assert.Equal(new PrepareConfig(2345), config.Prepare);
        Assert.Equal(new StateConfig(77), config.State);
        Assert.Equal(new UpgradeConfig(1234), config.Upgrade);
        Assert.Equal(new RestartConfig(10, 11, 12, 13), config.Restart);
        Assert.Equal(new ReleasesConfig(14), config.Releases);
        Assert.Equal(new LogsConfig(70000, 16, 17, true, 2_000_000), config.Logs);
    }

    [Fact]
    public void Read_EmptyObject_SaysNothing()
    {
        ServiceConfig config = Valid("{}");

        ServiceConfig nothing = new();
        Assert.Equal(nothing, config with { Positions = nothing.Positions });
    }

    [Fact]
    public void Read_CommentsTrailingCommasAndByteOrderMark_AreAllowed()
    {
        ConfigResult result = ServiceConfigReader.Read(
            [.. Encoding.UTF8.Preamble, .. "// one\n{ /* two */ \"name\": \"shop\", }"u8], "midstream.json");

        Assert.Empty(result.Errors);
        Assert.Equal("shop", result.Config!.Name);
    }

    [Fact]
    public void Read_ManyMistakes_ReportsThemAllAtTheirPlaces()
    {
        string[] errors = Errors("""
            {
              "naem": "shop",
              "listen": ["http://127.0.0.1:5000", {"url": "unix:/run/s", "mode": "660"}, "http://example.com"],
              "ready": {"timeout_ms": 0, "timeout": 5},
              "inject": "yes",
              "warm_up": [{"count": 1}],
              "drain": 5,
              "inject": true
            }
            """);

        Assert.Equal(
        [
            "midstream.json:2:3: naem: There is no such option; did you mean \"name\"?",
            "midstream.json:3:70: listen[1].mode: \"660\" cannot be used here; "
                + "write three octal digits after a 0, such as \"0660\".",
            "midstream.json:3:78: listen[2]: \"http://example.com\" names the host \"example.com\"; "
                + "write an address of this machine, localhost, or * for every address.",
            "midstream.json:4:27: ready.timeout_ms: 0 is out of range; write 1 to 86400000 ms.",
            "midstream.json:4:30: ready.timeout: There is no such option; did you mean \"timeout_ms\"?",
            "midstream.json:5:13: inject: This is a text; write true or false.",
            "midstream.json:6:15: warm_up[0]: \"path\" is missing here; add it.",
            "midstream.json:7:12: drain: This is a number; write an object: { ... }.",
        ], errors);
    }

    [Theory]
    [InlineData("""{"name": "a", "name": "b"}""", "1:15: name: This key is here twice")]
    [InlineData("""{"environment": {"A": "1", "A": "2"}}""", "1:28: environment.A: This key is here twice")]
    [InlineData("""{"environment": {"A": 1}}""", "1:23: environment.A: This is a number; write a text")]
    [InlineData("""{"environment": {"LISTEN_FDS": "1"}}""", "1:32: environment.LISTEN_FDS: Midstream sets this variable")]
    [InlineData("""{"environment": {"A=B": "1"}}""", "1:25: environment.A=B: \"A=B\" cannot be used here")]
    [InlineData("""{"command": []}""", "1:13: command: The command is empty")]
    [InlineData("""{"command": [""]}""", "1:14: command[0]: \"\" cannot be used here; name the program")]
    [InlineData("""{"command": ["a", "b\u0000"]}""", "1:19: command[1]: ")]
    [InlineData("""{"command": ["a", 1]}""", "1:19: command[1]: This is a number; write a text")]
    [InlineData("""{"command": "dotnet Shop.dll"}""", "1:13: command: This is a text; write a list")]
    [InlineData("""{"listen": []}""", "1:12: listen: The list is empty")]
    [InlineData("""{"listen": [5000]}""", "1:13: listen[0]: This is a number; write a text, which is its \"url\", or an object")]
    [InlineData("""{"listen": [{"name": "a"}]}""", "1:13: listen[0]: \"url\" is missing here")]
    [InlineData("""{"listen": [{"url": 5}]}""", "1:21: listen[0].url: This is a number; write a text")]
    [InlineData("""{"listen": [{"url": "x"}]}""", "1:21: listen[0].url: \"x\" does not begin with a scheme")]
    [InlineData("""{"listen": [{"url": "http://*", "mode": "0660"}]}""", "1:41: listen[0].mode: Only a Unix socket")]
    [InlineData("""{"listen": [{"url": "unix:/a", "owner": "a:"}]}""", "1:41: listen[0].owner: \"a:\" cannot be used here")]
    [InlineData("""{"listen": [{"url": "unix:/a", "name": "a:b"}]}""", "1:40: listen[0].name: \"a:b\" cannot name a socket")]
    [InlineData("""{"listen": ["unix:/a", "unix:/a"]}""", "1:24: listen[1]: \"unix:/a\" takes the same address as /a")]
    [InlineData("""{"warm_up": ["x"]}""", "1:14: warm_up[0]: \"x\" cannot be used here; begin with /")]
    [InlineData(
        """{"warm_up": [{"path": "/", "headers": {"A": "1", "a": "2"}}]}""",
        "1:55: warm_up[0].headers.a: This header is here twice")]
    [InlineData("""{"warm_up": [{"path": "/", "headers": {"A": "1\r\n2"}}]}""", "1:45: warm_up[0].headers.A: ")]
    [InlineData(
        """{"warm_up": [{"path": "/", "headers": {"A b": "1"}}]}""",
        "1:47: warm_up[0].headers.A b: \"A b\" cannot be used")]
    [InlineData(
        """{"warm_up": [{"path": "/", "headers": {"connection": "close"}}]}""",
        "1:54: warm_up[0].headers.connection: Midstream")]
    [InlineData(
        """{"stop": {"signal": "KILL"}}""",
        "1:21: stop.signal: \"KILL\" is not one of the choices; write HUP, INT, QUIT, USR1")]
    [InlineData(
        """{"stop": {"timeout_ms": 1.5}}""",
        "1:25: stop.timeout_ms: 1.5 is not a whole number of ms; write one from 1 to 86400000")]
    [InlineData(
        """{"stop": {"timeout_ms": 99999999999999999999}}""",
        "1:25: stop.timeout_ms: 99999999999999999999 is not a whole number")]
    [InlineData("""{"stop": {"timeout_ms": "10s"}}""", "1:25: stop.timeout_ms: This is a text; write a whole number of ms")]
    [InlineData("""{"health": null}""", "1:12: health: null means nothing here; write an object: { ... }, or leave the key out")]
    [InlineData(
        """{"restart": {"delay_min_ms": 30001}}""",
        "1:30: restart.delay_min_ms: restart.delay_min_ms (30001) is longer than")]
    [InlineData(
        """{"restart": {"delay_min_ms": 5, "delay_max_ms": 4}}""",
        "1:49: restart.delay_max_ms: restart.delay_min_ms (5) is")]
    [InlineData("""[]""", "1:1: The file holds a list; write an object")]
    public void Read_Mistake_IsReportedOnceAndWhereItIs(string json, string expected) =>
        Assert.StartsWith($"midstream.json:{expected}", Assert.Single(Errors(json)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "1:1: This is not JSON: ")]
    [InlineData("{\n  \"name\" \"shop\"\n}", "2:10: This is not JSON: ")]
    [InlineData("{} {}", "1:4: This is not JSON: ")]
    [InlineData("{\"name\": \"a", "1:12: This is not JSON: ")]
    [InlineData("{\"name\": \"\\ud800\"}", "1:10: This is not JSON: This text is not valid Unicode")]
    public void Read_TextThatIsNotJson_SaysWhere(string json, string expected)
    {
        string error = Assert.Single(Errors(json));

        Assert.StartsWith($"midstream.json:{expected}", error, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BytesThatAreNotUtf8_SaysWhere()
    {
        ConfigResult result = ServiceConfigReader.Read([.. "{\"name\": \""u8, 0xFF, .. "\"}"u8], "midstream.json");

        Assert.Equal((1, 10), (Assert.Single(result.Errors).Line, result.Errors[0].Column));
    }

    [Fact]
    public void Read_TextDeeperThanTheParserGoes_IsAnErrorAndNoCrash() =>
        Assert.Contains("not JSON", Assert.Single(Errors(new string('[', 100_000))), StringComparison.Ordinal);

    [Fact]
    public void Read_ColumnsAfterTextThatIsNotAscii_CountCharacters() =>
        Assert.StartsWith(
            "midstream.json:1:33: nope",
            Assert.Single(Errors("""{"environment": {"A": "größe"}, "nope": 1}""")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("Name", "name")]
    [InlineData("warmup", "warm_up")]
    [InlineData("warmUp", "warm_up")]
    [InlineData("enviroment", "environment")]
    [InlineData("env", "environment")]
    [InlineData("listens", "listen")]
    [InlineData("log", "logs")]
    public void Read_MisspelledKey_SuggestsTheKeyMeant(string written, string meant) =>
        Assert.EndsWith(
            $"did you mean \"{meant}\"?", Assert.Single(Errors($$"""{"{{written}}": 1}""")), StringComparison.Ordinal);

    [Fact]
    public void Read_KeyLikeNoOther_ListsTheKeysThereAre() =>
        Assert.EndsWith(
            "There is no such option; the options here are duration_ms, modules_ms.",
            Assert.Single(Errors("""{"probation": {"colour": 1}}""")),
            StringComparison.Ordinal);

    [Fact]
    public void Read_Mistakes_GivesNoConfig() =>
        Assert.Null(ServiceConfigReader.Read("{\"nope\": 1}"u8, "midstream.json").Config);

    private static ServiceConfig Valid(string json)
    {
        Assert.Empty(Errors(json));
        return ServiceConfigReader.Read(Encoding.UTF8.GetBytes(json), "midstream.json").Config!;
    }

    private static string[] Errors(string json) =>
        [.. ServiceConfigReader.Read(Encoding.UTF8.GetBytes(json), "midstream.json").Errors.Select(error => error.ToString())];
}
