// Connections in TLS cannot move, for their keys are in the old process. Each is told so, and no request may notice.

using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class TlsTests(ITestOutputHelper output)
{
    private const int Deployments = 5;
    private const int ClientsPerMethod = 4;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Deploy_FiveTimesUnderRequestsInTls_FailsNoneOfThem(string version)
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder, SelfSigned.Make(folder));
        using var http = Client(service.Url);
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, ClientsPerMethod).SelectMany(_ => (Task<int>[])
        [
            SendAsync(http, new Version(version), HttpMethod.Get, "/", enough.Token),
            SendAsync(http, new Version(version), HttpMethod.Post, "/upload", enough.Token),
        ]).ToArray();

        for (var number = 1; number <= Deployments; number++)
        {
            var result = await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));
            Assert.InRange(result.Connections!.Announced, 1, 2 * ClientsPerMethod);
            Assert.Equal((0, 0), (result.Connections.Moved, result.Connections.ClosedAtDeadline));
        }

        await enough.CancelAsync();
        var answered = await Task.WhenAll(clients);
        output.WriteLine($"{answered.Sum()} requests by HTTP/{version} in TLS");
        Assert.All(answered, count => Assert.True(count > Deployments));
    }

    [Fact]
    public async Task Deploy_WithAnotherCertificate_ServesNewConnectionsWithItAndTheSessionBeginsAnew()
    {
        using var folder = new TemporaryFolder();
        var before = SelfSigned.Make(folder);
        await using var service = await StartAsync(folder, before);
        Assert.Equal(before.Thumbprint, await HandshakeAsync(service.Url.Port));

        var after = SelfSigned.Make(folder);
        // What the client remembers of the old process's sessions is of no use to the new one, and does no harm.
        Assert.Equal(before.Thumbprint, await HandshakeAsync(service.Url.Port));
        await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));

        Assert.NotEqual(before.Thumbprint, after.Thumbprint);
        Assert.Equal(after.Thumbprint, await HandshakeAsync(service.Url.Port));
    }

    [Fact]
    public async Task Resume_OfASessionOfTheOldProcess_IsAFullHandshakeAndThenServed()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder, SelfSigned.Make(folder));
        var session = folder.In("session.pem");
        Assert.Contains("New, TLSv1.", await OpensslAsync(service.Url.Port, "-sess_out", session), StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1.", await OpensslAsync(service.Url.Port, "-sess_in", session), StringComparison.Ordinal);

        await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));

        var resumed = await OpensslAsync(service.Url.Port, "-sess_in", session);
        Assert.Contains("New, TLSv1.", resumed, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200", resumed, StringComparison.Ordinal);
    }

    internal static Task<MidstreamService> StartAsync(
        TemporaryFolder folder, SelfSigned certificate, string app = "tests/TestApps/Echo", int drainMs = 30_000) =>
        MidstreamService.StartAsync(
            folder,
            Repository.Published(app),
            $$"""
            { "probation": { "duration_ms": 50 }, "drain": { "timeout_ms": {{drainMs}} },
              "environment": { {{certificate.KestrelEnvironment}} } }
            """,
            ["https://127.0.0.1:0"]);

    internal static HttpClient Client(Uri address) => new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true,
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = SelfSigned.Validate },
    })
    {
        BaseAddress = new UriBuilder(address) { Scheme = "https" }.Uri,
    };

    // One request after another, without any retry of our own; the first that fails ends the test.
    private static async Task<int> SendAsync(
        HttpClient http, Version version, HttpMethod method, string path, CancellationToken enough)
    {
        var count = 0;
        for (; !enough.IsCancellationRequested; count++)
        {
            using var request = new HttpRequestMessage(method, path)
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            if (method == HttpMethod.Post)
                request.Content = new ByteArrayContent(new byte[1000]);
            using var response = await http.SendAsync(request, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            var body = await response.Content.ReadAsStringAsync(CancellationToken.None);
            Assert.Contains("\"pid\":", body, StringComparison.Ordinal);
        }

        return count;
    }

    private static async Task<string> HandshakeAsync(int port)
    {
        using var client = new TcpClient("127.0.0.1", port);
        await using var tls = new SslStream(client.GetStream(), false, SelfSigned.Validate);
        await tls.AuthenticateAsClientAsync("127.0.0.1").WaitAsync(RunningProgram.Patience);
        await tls.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(tls);
        Assert.StartsWith(
            "HTTP/1.1 200", await reader.ReadToEndAsync().WaitAsync(RunningProgram.Patience), StringComparison.Ordinal);
        return new X509Certificate2(tls.RemoteCertificate!).Thumbprint;
    }

    // TLS 1.2, where the session is known before the first request is answered.
    private static async Task<string> OpensslAsync(int port, params string[] session)
    {
        var ask = "printf 'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' | " +
            $"openssl s_client -connect 127.0.0.1:{port} -tls1_2 -ign_eof {string.Join(' ', session)} 2>&1";
        return (await RunningProgram.RunAsync("sh", ["-c", ask])).Output;
    }
}
