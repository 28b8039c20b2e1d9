// Which changes of a configuration make another worker, and which do not.

using System.Text;
using Midstream.Core.Configuration;
using Midstream.Core.Reserves;

namespace Midstream.Core.Tests.Reserves;

public sealed class WorkerMouldTests
{
    // As a file that is read twice gives it: equal, and no object in common.
    private const string Said = """
        {
          "name": "shop", "command": ["dotnet", "Shop.dll"], "listen": ["http://127.0.0.1:5001", "unix:/run/s"],
          "environment": {"K": "V"}, "ready": {"http": "/r", "timeout_ms": 1}, "health": {"path": "/h"},
          "warm_up": ["/", {"method": "POST", "path": "/x", "headers": {"A": "b"}, "body": "c", "count": 5}],
          "limits": {"memory_max_bytes": 18, "nice": 3}
        }
        """;

    [Fact]
    public void IsSame_OfTheSameFileReadTwice_IsTrue() => Assert.True(WorkerMould.IsSame(Model(), Model()));

    [Theory]
    [InlineData("\"timeout_ms\": 1", "\"timeout_ms\": 2")]
    [InlineData("\"memory_max_bytes\": 18", "\"memory_max_bytes\": 19")]
    [InlineData("{\"path\": \"/h\"}", "{\"path\": \"/h\", \"interval_ms\": 77}")]
    [InlineData("\"name\": \"shop\",", "\"name\": \"shop\", \"drain\": {\"timeout_ms\": 7}, \"workers\": {\"count\": 9},")]
    public void IsSame_OfWhatComesLater_IsTrue(string before, string after) =>
        Assert.True(WorkerMould.IsSame(Model(), Model(before, after)));

    [Theory]
    [InlineData("shop", "shot")]
    [InlineData("Shop.dll", "Shot.dll")]
    [InlineData("5001", "5002")]
    [InlineData("/run/s", "/run/t")]
    [InlineData("\"K\"", "\"L\"")]
    [InlineData("\"V\"", "\"W\"")]
    [InlineData("{\"K\"", "{\"M\": \"N\", \"K\"")]
    [InlineData("\"/r\"", "\"/s\"")]
    [InlineData("\"/h\"", "\"/i\"")]
    [InlineData("[\"/\",", "[\"/y\",")]
    [InlineData("[\"/\", ", "[")]
    [InlineData("\"POST\"", "\"PUT\"")]
    [InlineData("\"b\"", "\"d\"")]
    [InlineData("\"c\"", "\"e\"")]
    [InlineData("\"count\": 5", "\"count\": 6")]
    [InlineData("\"nice\": 3", "\"nice\": 4")]
    [InlineData("\"environment\"", "\"inject\": false, \"environment\"")]
    public void IsSame_OfWhatIsInAWorkerFromItsStart_IsFalse(string before, string after) =>
        Assert.False(WorkerMould.IsSame(Model(), Model(before, after)));

    private static ServiceModel Model(string? before = null, string? after = null)
    {
        if (before is not null)
            Assert.Contains(before, Said, StringComparison.Ordinal);
        var said = before is null ? Said : Said.Replace(before, after, StringComparison.Ordinal);
        var read = ServiceConfigReader.Read(Encoding.UTF8.GetBytes(said), "midstream.json");
        Assert.Empty(read.Errors);
        return ServiceModelBuilder.Build(read.Config!, new CommandLineOverrides()).Model!;
    }
}
