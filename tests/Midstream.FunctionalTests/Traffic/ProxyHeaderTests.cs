// Behind a proxy that names the client in front of the connection's first request: said once, known in every process after.

using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class ProxyHeaderTests
{
    private const string Header = "PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n";
    private const string AskClient = "GET /client HTTP/1.1\r\nHost: test\r\n\r\n";

    [Fact]
    public async Task HandOver_BehindAProxy_KeepsTheClientsAddressThroughTwoProcesses()
    {
        await using var change = await PrepareAsync();
        var idle = await change.ConnectAsync();
        await idle.SendAsync(Header);
        Assert.Equal($"192.0.2.1 56324 {change.OldPid}", (await idle.AskAsync(AskClient)).Body);
        var unused = await change.ConnectAsync();
        await unused.SendAsync(Header);

        var first = await change.DeployAsync();
        await change.Service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));

        Assert.Equal(3, first.Connections!.Moved);
        Assert.StartsWith("192.0.2.1 56324 ", (await idle.AskAsync(AskClient)).Body, StringComparison.Ordinal);
        Assert.StartsWith("192.0.2.1 56324 ", (await unused.AskAsync(AskClient)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HandOver_InTheMiddleOfAProxysHeader_ServesTheFirstRequestWithTheClientsAddress()
    {
        await using var change = await PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync(Header[..20]);

        await change.HandOverAsync();
        await connection.SendAsync(Header[20..] + AskClient);
        var first = await connection.ReceiveAsync();
        var second = await connection.AskAsync(AskClient);
        await change.EndAsync();

        // Between the header's end and the request's first byte there is a boundary, and there it moves.
        Assert.Equal($"192.0.2.1 56324 {change.NewPid}", first.Body);
        Assert.Equal($"192.0.2.1 56324 {change.NewPid}", second.Body);
    }

    private static Task<Changeover> PrepareAsync() =>
        Changeover.PrepareAsync(more: """, "environment": { "ECHO_PROXY": "1" } """, opening: Header);
}
