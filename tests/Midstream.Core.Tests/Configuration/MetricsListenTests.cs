// Where the metrics endpoint may be, and what is refused before the operating system would.

using System.Net;
using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class MetricsListenTests
{
    [Fact]
    public void Build_WithoutMetrics_HasNoEndpoint() => Assert.Empty(Build(null).Model!.Metrics.Listen);

    [Fact]
    public void Build_AddressForMetrics_IsTheEndpoints() =>
        Assert.Equal(new(IPAddress.Loopback, 9464), Assert.Single(Build("http://127.0.0.1:9464").Model!.Metrics.Listen).EndPoint);

    [Fact]
    public void Build_UnixSocketForMetrics_IsTheEndpoints() =>
        Assert.Equal("/run/m.sock", Assert.Single(Build("unix:/run/m.sock").Model!.Metrics.Listen).UnixPath);

    [Fact]
    public void Build_LocalhostForMetrics_IsBothLoopbacks() =>
        Assert.Equal(2, Build("http://localhost:9464").Model!.Metrics.Listen.Count);

    [Theory]
    [InlineData("https://127.0.0.1:9464", "TLS")]
    [InlineData("http://127.0.0.1:5000", "takes the same address as 127.0.0.1:5000")]
    [InlineData("http://*:5000", "takes the same address as 127.0.0.1:5000")]
    [InlineData("127.0.0.1:9464", "scheme")]
    [InlineData("udp://127.0.0.1:9464", "asks for datagrams")]
    [InlineData("http://example.org:9464", "names the host")]
    [InlineData("http://127.0.0.1:9464/metrics", "no path or query")]
    public void Build_EndpointThatCannotBe_IsAnErrorThatSaysWhy(string url, string why)
    {
        ConfigError error = Assert.Single(Build(url).Errors);

        Assert.Equal("metrics.listen", error.Path);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private static ModelResult Build(string? listen) => ServiceModelBuilder.Build(
        new ServiceConfig { Metrics = new MetricsConfig(listen) }, new CommandLineOverrides());
}
