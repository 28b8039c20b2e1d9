// One connection on each rung of the ladder in one deployment: what the report counts is what the clients have seen.

using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class RungsTests
{
    private const int DrainMs = 8000;

    [Fact]
    public async Task Deploy_WithConnectionsOnEveryRung_ReportsWhatTheirClientsHaveSeen()
    {
        using var folder = new TemporaryFolder();
        var (service, tls) = await StartAsync(folder);
        await using var serving = service;
        var (idle, busy, stuck, leaving) = (await ConnectAsync(service), await ConnectAsync(service),
            await ConnectAsync(service), await ConnectAsync(service));
        var old = await Changeover.WhoAsync(idle);
        await busy.SendAsync(Slow(3000));
        await stuck.SendAsync(Slow(120_000));
        await leaving.SendAsync(Slow(120_000));
        using var socket = await MovedWebSocketTests.ConnectAsync(service.Url, "/ws");
        using var told = await TlsConnection.ConnectAsync(tls);
        using var silent = await TlsConnection.ConnectAsync(tls);

        var deploying = service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));
        var closing = await socket.ReceiveAsync(new byte[64], CancellationToken.None).WaitAsync(RunningProgram.Patience);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        // The WebSocket has heard of the drain; so has everybody else.
        leaving.Reset();
        var last = await told.AskAsync();
        var seen = new Seen(
            Moved: await IsMovedAsync(idle, old),
            MovedBusy: (await busy.ReceiveAsync()).Status == 200 && await IsMovedAsync(busy, old),
            AnnouncedByFrame: closing.MessageType == WebSocketMessageType.Close,
            AnnouncedByHead: last.Contains("Connection: close", StringComparison.OrdinalIgnoreCase) && await told.IsEndedAsync(),
            HalfClosed: await silent.IsEndedAsync(),
            Cut: await IsCutAsync(stuck));
        var result = await deploying;

        Assert.Equal(new Seen(true, true, true, true, true, true), seen);
        var counted = result.Connections!;
        Assert.Equal(
            (2, 1, 2, 1, 1, 1),
            (counted.Moved, counted.MovedBusy, counted.Announced, counted.HalfClosed, counted.ClosedByPeer,
                counted.ClosedAtDeadline));
    }

    private static async Task<(MidstreamService Service, int TlsPort)> StartAsync(TemporaryFolder folder)
    {
        var service = await MidstreamService.StartAsync(
            folder,
            Repository.Published("tests/TestApps/Echo"),
            $$"""
            { "probation": { "duration_ms": 0 }, "drain": { "timeout_ms": {{DrainMs}} },
              "environment": { {{SelfSigned.Make(folder).KestrelEnvironment}} } }
            """,
            ["http://127.0.0.1:0", "https://127.0.0.1:0"]);
        return (service, new Uri((await service.StatusAsync()).Listeners[1]).Port);
    }

    private static Task<RawConnection> ConnectAsync(MidstreamService service) => RawConnection.ConnectAsync(service.Url);

    private static string Slow(int ms) => $"GET /slow?ms={ms} HTTP/1.1\r\nHost: test\r\n\r\n";

    private static async Task<bool> IsMovedAsync(RawConnection connection, int old) =>
        await Changeover.WhoAsync(connection) != old;

    private static async Task<bool> IsCutAsync(RawConnection connection)
    {
        try
        {
            await connection.ReceiveAsync();
            return false;
        }
        catch (Exception cut) when (cut is EndOfStreamException or SocketException)
        {
            return true;
        }
    }

    private sealed record Seen(
        bool Moved, bool MovedBusy, bool AnnouncedByFrame, bool AnnouncedByHead, bool HalfClosed, bool Cut);

    private sealed class TlsConnection(TcpClient client, SslStream tls) : IDisposable
    {
        private readonly byte[] _buffer = new byte[4096];

        /// <summary>Connects, and has one request answered so that the server knows the protocol.</summary>
        public static async Task<TlsConnection> ConnectAsync(int port)
        {
            var client = new TcpClient("127.0.0.1", port);
            var tls = new SslStream(client.GetStream(), false, SelfSigned.Validate);
            await tls.AuthenticateAsClientAsync("127.0.0.1").WaitAsync(RunningProgram.Patience);
            var connection = new TlsConnection(client, tls);
            Assert.DoesNotContain("close", await connection.AskAsync(), StringComparison.OrdinalIgnoreCase);
            return connection;
        }

        public async Task<string> AskAsync()
        {
            await tls.WriteAsync(Encoding.ASCII.GetBytes("GET /big?bytes=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
            var answer = new StringBuilder();
            while (!answer.ToString().EndsWith("\r\n\r\na", StringComparison.Ordinal))
            {
                var count = await tls.ReadAsync(_buffer).AsTask().WaitAsync(RunningProgram.Patience);
                Assert.True(count > 0, "The connection ended.");
                answer.Append(Encoding.ASCII.GetString(_buffer, 0, count));
            }

            return answer.ToString();
        }

        // In order: an end of the stream, and no error.
        public async Task<bool> IsEndedAsync()
        {
            var count = await tls.ReadAsync(_buffer).AsTask().WaitAsync(RunningProgram.Patience);
            client.Client.Shutdown(SocketShutdown.Send);
            return count == 0;
        }

        public void Dispose()
        {
            tls.Dispose();
            client.Dispose();
        }
    }
}
