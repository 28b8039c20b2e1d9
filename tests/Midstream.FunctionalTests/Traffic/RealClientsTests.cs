// Clients that nobody here wrote, each through ten deployments: what they call an error is one.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class RealClientsTests(ITestOutputHelper output)
{
    private const int Deployments = 10;
    private const int Clients = 8;
    private const string QuickProbation = """{ "probation": { "duration_ms": 0 } }""";

    [Fact]
    public async Task Deploy_UnderCurlOnOneConnection_IsNeverNoticed()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder);
        await using var curl = Curl(service.Url, "--http1.1");

        await DeployAsync(service);
        var seen = await SeenByCurlAsync(curl);

        // Of all its requests the first alone has opened a connection.
        Assert.Equal(1, seen.Connections);
        Assert.True(seen.Processes > Deployments / 2);
    }

    // In TLS: without it curl 7.88 fails with its error 16 on every connection it uses a second time, of any server.
    [Fact]
    public async Task Deploy_UnderCurlOverHttp2_FailsNoRequestAndHasItConnectOnceMoreForEach()
    {
        using var folder = new TemporaryFolder();
        await using var service = await TlsTests.StartAsync(folder, SelfSigned.Make(folder), "tests/TestApps/Echo");
        await using var curl = Curl(new UriBuilder(service.Url) { Scheme = "https" }.Uri, "--http2", "--insecure");

        await DeployAsync(service);
        var seen = await SeenByCurlAsync(curl);

        Assert.InRange(seen.Connections, Deployments / 2, Deployments + 1);
        Assert.Equal(seen.Connections, seen.Processes);
    }

    [Fact]
    public async Task Deploy_BehindNginxWithKeptUpstreamConnections_IsNeverNoticed()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder);
        await using var nginx = await Nginx.StartAsync(folder, service.Url);
        await using var curl = Curl(new Uri("http://nginx"), "--http1.1", "--unix-socket", nginx.Socket);

        await DeployAsync(service);
        var seen = await SeenByCurlAsync(curl);

        Assert.True(seen.Processes > Deployments / 2);
        Assert.DoesNotContain("upstream", nginx.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_UnderNodesAgent_IsNeverNoticed()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder);
        await using var node = RunningProgram.Start(
            "node", [Path.Combine(Repository.Root, "tests/TestApps/clients/agent.js"), service.Url.ToString()]);
        await node.WaitForTextAsync("begun");

        await DeployAsync(service);
        node.Signal("TERM");
        var account = JsonNode.Parse((await node.WaitAsync()).Output)!;

        output.WriteLine(account.ToJsonString());
        Assert.Empty(account["errors"]!.AsArray());
        Assert.Equal(Clients, (int)account["sockets"]!);
        Assert.True((int)account["requests"]! > Clients * Deployments);
    }

    [Fact]
    public async Task Deploy_UnderHttpClient_IsNeverNoticed()
    {
        using var folder = new TemporaryFolder();
        await using var service = await StartAsync(folder);
        var connections = 0;
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
            MaxConnectionsPerServer = Clients,
        });
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, Clients).Select(_ => PostAsync(http, service.Url, enough.Token)).ToArray();

        await DeployAsync(service);
        await enough.CancelAsync();
        var counts = await Task.WhenAll(clients);

        output.WriteLine($"{counts.Sum()} requests on {connections} connections");
        Assert.InRange(connections, 1, Clients);
    }

    [Fact]
    public async Task Deploy_UnderABrowsersPage_ClosesNothingAndSkipsNoEvent()
    {
        using var folder = new TemporaryFolder();
        var movable = Repository.Published("tests/TestApps/Movable");
        await using var service = await MidstreamService.StartAsync(folder, movable, QuickProbation);
        await using var browser = RunningProgram.Start(
            "chromium-headless-shell",
            ["--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", $"--user-data-dir={folder.In("browser")}",
                new Uri(service.Url, "/page").ToString()]);
        using var http = new HttpClient { BaseAddress = service.Url };
        await Waiting.UntilAsync(
            async () => await SeenAsync(http) is { } seen && (int)seen["messages"]! > 0, "the page's report");

        for (var number = 1; number <= Deployments; number++)
            await service.DeployWellAsync(movable);

        JsonNode? last = null;
        await Waiting.UntilAsync(
            async () => (last = await SeenAsync(http)) is { } seen && (int)seen["processes"]! > Deployments,
            "the page's report of the last process");
        output.WriteLine(last!.ToJsonString());
        Assert.Equal((0, 0, 0), ((int)last["wrong"]!, (int)last["closes"]!, (int)last["gaps"]!));
    }

    private static Task<MidstreamService> StartAsync(TemporaryFolder folder) =>
        MidstreamService.StartAsync(folder, Repository.Published("tests/TestApps/Echo"), QuickProbation);

    private static async Task DeployAsync(MidstreamService service)
    {
        for (var number = 1; number <= Deployments; number++)
            await service.DeployWellAsync(Repository.Published("tests/TestApps/Echo"));
    }

    // As many requests as take longer than the deployments, one after the other, each answered with the process's number.
    private static RunningProgram Curl(Uri service, params string[] options) => RunningProgram.Start(
        "curl",
        [.. options, "--silent", "--show-error", "--fail", "--write-out", "=%{num_connects}\n",
            new Uri(service, "/slow?ms=5&n=[1-2500]").ToString().Replace("%5B", "[", StringComparison.Ordinal)]);

    private async Task<(int Connections, int Processes)> SeenByCurlAsync(RunningProgram curl)
    {
        var ended = await curl.WaitAsync();
        Assert.True(ended.ExitCode == 0, $"{ended}");
        var words = ended.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var connections = words.Where(static word => word[0] == '=')
            .Sum(static word => int.Parse(word[1..], CultureInfo.InvariantCulture));
        var processes = words.Where(static word => word[0] != '=').Distinct().Count();
        output.WriteLine($"{words.Length / 2} requests on {connections} connections, answered by {processes} processes");
        return (connections, processes);
    }

    private static async Task<int> PostAsync(HttpClient http, Uri service, CancellationToken enough)
    {
        var count = 0;
        for (; !enough.IsCancellationRequested; count++)
        {
            using var body = new ByteArrayContent(new byte[1000]);
            using var response = await http.PostAsync(new Uri(service, "/upload"), body, CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        return count;
    }

    private static async Task<JsonNode?> SeenAsync(HttpClient http) =>
        await http.GetStringAsync("/seen") is { Length: > 0 } text ? JsonNode.Parse(text) : null;

    /// <summary>nginx as people put it in front: upstream connections are kept, and a failure is not hidden by another
    /// try.</summary>
    private sealed class Nginx(RunningProgram program, string folder) : IAsyncDisposable
    {
        public string Socket => Path.Combine(folder, "nginx.sock");

        public string Errors => File.ReadAllText(Path.Combine(folder, "error.log"));

        public static async Task<Nginx> StartAsync(TemporaryFolder folder, Uri upstream)
        {
            var home = Directory.CreateDirectory(folder.In("nginx")).FullName;
            await File.WriteAllTextAsync(Path.Combine(home, "nginx.conf"), $$"""
                daemon off; pid {{home}}/nginx.pid; error_log {{home}}/error.log warn;
                events { worker_connections 256; }
                http {
                  access_log off; client_body_temp_path {{home}}/a; proxy_temp_path {{home}}/b; fastcgi_temp_path {{home}}/c;
                  uwsgi_temp_path {{home}}/d; scgi_temp_path {{home}}/e;
                  upstream service { server 127.0.0.1:{{upstream.Port}} max_fails=0; keepalive 8; keepalive_requests 1000000; }
                  server {
                    listen unix:{{home}}/nginx.sock; keepalive_requests 1000000;
                    location / {
                      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_next_upstream off;
                    }
                  }
                }
                """);
            var nginx = new Nginx(RunningProgram.Start(
                "nginx", ["-p", home, "-c", Path.Combine(home, "nginx.conf"), "-e", Path.Combine(home, "error.log")]), home);
            await Waiting.UntilAsync(() => File.Exists(nginx.Socket), "nginx's socket");
            return nginx;
        }

        public async ValueTask DisposeAsync()
        {
            program.Signal("TERM");
            await program.WaitAsync();
            await program.DisposeAsync();
        }
    }
}
