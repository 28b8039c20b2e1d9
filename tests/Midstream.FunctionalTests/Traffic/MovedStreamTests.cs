// A protocol of the application's own, on Kestrel's connection handlers: its connections move with their state, as WebSockets do.

using System.Net.Sockets;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class MovedStreamTests
{
    private const int Deployments = 3;

    [Fact]
    public async Task Deploy_SeveralTimesWithConnectionsOfAConnectionHandler_MovesThemWithTheirState()
    {
        using var folder = new TemporaryFolder();
        var movable = Repository.Published("tests/TestApps/Movable");
        await using var service = await MidstreamService.StartAsync(
            folder, movable, """{ "probation": { "duration_ms": 0 } }""", ["http://127.0.0.1:0", "http://127.0.0.1:0"]);
        var port = new Uri((await service.StatusAsync()).Listeners[1]).Port;
        using var client = new TcpClient("127.0.0.1", port);
        using var lines = new StreamReader(client.GetStream(), Encoding.ASCII);
        await SendAsync(client, "first\nsec");
        var answers = new List<string> { await ReadAsync(lines) };

        for (var number = 1; number <= Deployments; number++)
        {
            var result = await service.DeployWellAsync(movable);
            Assert.Equal((1, 0), (result.Connections!.Moved, result.Connections.ClosedAtDeadline));
            // The half line was read in one process and its end comes to the next.
            await SendAsync(client, "ond\nsec");
            answers.Add(await ReadAsync(lines));
        }

        var parts = answers.ConvertAll(static answer => answer.Split(' '));
        Assert.Equal(["1", "2", "3", "4"], parts.ConvertAll(static part => part[0]));
        Assert.Equal(["first", "second", "second", "second"], parts.ConvertAll(static part => part[2]));
        Assert.Equal(Deployments + 1, parts.Select(static part => part[1]).Distinct().Count());
    }

    private static Task SendAsync(TcpClient client, string text) =>
        client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    private static async Task<string> ReadAsync(StreamReader lines) =>
        await lines.ReadLineAsync().WaitAsync(RunningProgram.Patience) ?? throw new EndOfStreamException("The connection ended.");
}
