// How a drain ends connections in TLS, which cannot move: told by the next response, or else ended between two requests.

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Midstream.Control.Workers;
using Midstream.Hosting.Tests.Counters;

namespace Midstream.Hosting.Tests.Drain;

public sealed class TlsDrainTests : IDisposable
{
    private const int DrainMs = 4000;
    private readonly X509Certificate2 _certificate = MakeCertificate();

    [Fact]
    public async Task Drain_OfAConnectionThatAsksOnceMore_TellsItByThatResponse()
    {
        await using var scene = await StartAsync();
        using var client = await scene.ConnectAsync();
        await using var tls = await AuthenticateAsync(client);
        await AskAsync(tls);

        await scene.SayAsync(new DrainMessage(DrainMs));
        await Bounded.UntilAsync(() => scene.Counters.Read().Requests == 1, "the first request is counted");
        string last;
        do
            last = await AskAsync(tls);
        while (!last.Contains("Connection: close", StringComparison.Ordinal));
        Assert.Equal(0, await tls.ReadAsync(new byte[1], Bounded.Token()));

        // A client that does not end its side is waited for, and not for ever.
        var report = (await scene.HearAsync<DrainedMessage>()).Report;
        Assert.Equal((1, 0, 0), (report.Announced, report.HalfClosed, report.ClosedAtDeadline));
    }

    [Fact]
    public async Task Drain_OfAConnectionThatAsksNothing_EndsItInOrderBeforeItsTimeIsOver()
    {
        await using var scene = await StartAsync();
        using var client = await scene.ConnectAsync();
        await using var tls = await AuthenticateAsync(client);
        await AskAsync(tls);

        await scene.SayAsync(new DrainMessage(DrainMs));
        Assert.Equal(0, await tls.ReadAsync(new byte[1], Bounded.Token()));
        client.Shutdown(SocketShutdown.Send);

        var report = (await scene.HearAsync<DrainedMessage>()).Report;
        Assert.Equal((0, 1, 0), (report.Announced, report.HalfClosed, report.ClosedAtDeadline));
        Assert.InRange(report.DurationMs, DrainMs / 2, DrainMs - 1);
    }

    public void Dispose() => _certificate.Dispose();

    private Task<WorkerScene> StartAsync() => WorkerScene.StartAsync(
        static context =>
        {
            context.Response.ContentLength = 1;
            return context.Response.WriteAsync("a");
        },
        listen: listen => listen.UseHttps(_certificate));

    private static async Task<SslStream> AuthenticateAsync(Socket client)
    {
        var tls = new SslStream(new NetworkStream(client), false, static (_, shown, _, _) => shown?.Subject == "CN=tested");
        await tls.AuthenticateAsClientAsync("tested").WaitAsync(Bounded.Patience);
        return tls;
    }

    private static async Task<string> AskAsync(SslStream tls)
    {
        await tls.WriteAsync("GET / HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray(), Bounded.Token());
        var answer = new StringBuilder();
        var buffer = new byte[1000];
        while (!answer.ToString().EndsWith("\r\n\r\na", StringComparison.Ordinal))
        {
            var count = await tls.ReadAsync(buffer, Bounded.Token());
            Assert.True(count > 0, "The connection ended.");
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }

        return answer.ToString();
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tested", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
