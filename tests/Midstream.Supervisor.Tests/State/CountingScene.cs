// Real processes of the application that hands over its counts, each asked over a connection of its own.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Midstream.Control.Workers;
using Midstream.Linux;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Tests.State;

internal sealed class CountingScene : IAsyncDisposable
{
    private const int ListenerId = 1;

    private readonly Scene _scene = new();
    private readonly List<HttpClient> _clients = [];
    private readonly FileDescriptor _socket = ListeningSocket.BindTcp(new IPEndPoint(IPAddress.Loopback, 0), 16);
    private long _generation;

    /// <summary>Gets the file in which the singular services write down their starts and stops.</summary>
    internal string Beats => _scene.In("beats");

    /// <summary>Starts a generation and waits for its hello.</summary>
    internal async Task<Worker> LaunchAsync(int version = 1, bool stubborn = false)
    {
        var url = $"http://{ListeningSocket.LocalEndPoint(_socket)}";
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH")!,
            ["DOTNET_ROOT"] = Path.GetDirectoryName(Environment.ProcessPath)!,
            ["ASPNETCORE_URLS"] = url,
            ["COUNTING_VERSION"] = version.ToString(CultureInfo.InvariantCulture),
            ["COUNTING_BEAT"] = Beats,
            [WorkerEnvironment.VariableName] = new WorkerEnvironment(
                WorkerChannel.Protocol, "counting", ++_generation, 1, "0123456789ab", ControlDescriptor: 4,
                ReunionDescriptor: null, OutputDescriptor: null,
                [new WorkerListener(ListenerId, 3, "http", url)]).ToVariable(),
        };
        if (stubborn)
            environment["COUNTING_STUBBORN"] = "1";
        var worker = _scene.Launch(_generation, [DotnetHost(), Program()], environment, _socket);
        await Task.WhenAny(worker.SaidHello, worker.Exited).WaitAsync(Scene.Patience);
        Assert.True(worker.SpeaksMidstream, string.Join('\n', worker.LastLines));
        return worker;
    }

    /// <summary>Makes a client of one generation; its answers end with the process that gave them.</summary>
    internal HttpClient ClientOf(Worker worker)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var (mine, theirs) = SocketPair.CreateStream();
                using (theirs)
                    await worker.ConnectAsync(ListenerId, theirs, token);
                return new NetworkStream(mine.ToSocket(), ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://localhost/"),
            Timeout = Scene.Patience,
        };
        _clients.Add(client);
        return client;
    }

    /// <summary>Counts a key up and returns the new count.</summary>
    internal static async Task<long> CountUpAsync(HttpClient client, long key)
    {
        using var response = await client.PostAsync($"/counts/{key}", content: null);
        response.EnsureSuccessStatusCode();
        return FirstNumber(await response.Content.ReadAsStringAsync());
    }

    internal static async Task<long> CountOfAsync(HttpClient client, long key) =>
        FirstNumber(await client.GetStringAsync($"/counts/{key}"));

    internal static async Task FillAsync(HttpClient client, long number)
    {
        using var response = await client.PostAsync($"/fill/{number}", content: null);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Gets number and sum of a generation's entries.</summary>
    internal static async Task<(long Count, long Sum)> SumOfAsync(HttpClient client)
    {
        var numbers = (await client.GetStringAsync("/sum")).Split(' ');
        return (long.Parse(numbers[0], CultureInfo.InvariantCulture), long.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
            client.Dispose();
        await _scene.DisposeAsync();
        _socket.Dispose();
    }

    private static long FirstNumber(string answer) => long.Parse(answer.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string DotnetHost() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { } host && File.Exists(host) ? host : FromPath("dotnet");

    private static string FromPath(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Select(folder => Path.Combine(folder, program)).First(File.Exists);

    // The program lies where this assembly does, but for the project's folder.
    private static string Program()
    {
        var own = AppContext.BaseDirectory.TrimEnd('/');
        var repository = own[..own.IndexOf("/tests/Midstream.Supervisor.Tests", StringComparison.Ordinal)];
        var output = own[(own.IndexOf("/bin/", StringComparison.Ordinal) + 1)..];
        return Path.Combine(repository, "tests", "TestApps", "Counting", output, "Counting.dll");
    }
}
