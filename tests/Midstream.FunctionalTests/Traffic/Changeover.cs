// One deployment of the echo service, held at the moment that matters: the old generation has been told to let go of its
// connections, and the test decides what its own connections do next.

using System.Globalization;
using System.Text.RegularExpressions;
using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

internal sealed partial class Changeover : IAsyncDisposable
{
    public const string AskWho = "GET /slow?ms=0 HTTP/1.1\r\nHost: test\r\n\r\n";

    private readonly TemporaryFolder _folder;
    private readonly string _app;
    private readonly List<RawConnection> _connections = [];
    private RawConnection? _witness;
    private RunningProgram? _deploy;

    private Changeover(TemporaryFolder folder, MidstreamService service, string? unixSocket, string app)
    {
        _app = Repository.Published(app);
        _folder = folder;
        Service = service;
        UnixSocket = unixSocket;
    }

    public MidstreamService Service { get; }

    public string? UnixSocket { get; }

    public int OldPid { get; private set; }

    public int NewPid { get; private set; }

    /// <summary>Starts the service.</summary>
    public static async Task<Changeover> PrepareAsync(
        bool unix = false, string more = "", string app = "tests/TestApps/Echo", string opening = "")
    {
        var folder = new TemporaryFolder();
        var socket = unix ? folder.In("web.sock") : null;
        var service = await MidstreamService.StartAsync(
            folder,
            Repository.Published(app),
            $$"""{ "probation": { "duration_ms": 0 } {{more}} }""",
            unix ? [$"unix:{socket}"] : null);
        var prepared = new Changeover(folder, service, socket, app);
        prepared._witness = await prepared.ConnectAsync();
        await prepared._witness.SendAsync(opening);
        prepared.OldPid = await WhoAsync(prepared._witness);
        return prepared;
    }

    /// <summary>Opens a connection; it is closed with this object.</summary>
    public async Task<RawConnection> ConnectAsync()
    {
        var connection = UnixSocket is null
            ? await RawConnection.ConnectAsync(Service.Url)
            : await RawConnection.ConnectUnixAsync(UnixSocket);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Asks which process serves a connection; any hint that it will be closed is a failure.</summary>
    public static async Task<int> WhoAsync(RawConnection connection)
    {
        var answer = await connection.AskAsync(AskWho);
        return PidIn(answer);
    }

    /// <summary>Reads which process answered; any hint that the connection will be closed is a failure.</summary>
    public static int PidIn(RawResponse answer)
    {
        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("close", answer.Headers.GetValueOrDefault("Connection", ""), StringComparison.OrdinalIgnoreCase);
        return int.Parse(Pid().Match(answer.Body).Groups["pid"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Begins the deployment and returns as soon as the new process has been started.</summary>
    public Task StartNewAsync()
    {
        _deploy = Service.Begin("deploy", _app, "--again", "--json");
        return _deploy.WaitForTextAsync("\"ready\"");
    }

    /// <summary>Begins the deployment, unless it is, and returns when the old generation lets go of its connections.</summary>
    public async Task HandOverAsync()
    {
        if (_deploy is null)
            await StartNewAsync();
        // The witness is idle, so it moves at once: its new process shows that the old one has heard of the drain.
        await Waiting.UntilAsync(
            async () => (NewPid = await WhoAsync(_witness!)) != OldPid, "the witness's move to the new generation");
    }

    /// <summary>Waits for the deployment's end.</summary>
    public async Task<ResultEvent> EndAsync()
    {
        var ended = await _deploy!.WaitAsync();
        var result = Assert.IsType<ResultEvent>(OperatorProtocol.ReadEvent(ended.Output.Trim()));
        Assert.True(result.Outcome == Outcomes.Committed, $"{ended}\n{Service.Supervisor.Error}");
        return result;
    }

    /// <summary>Deploys from beginning to end.</summary>
    public async Task<ResultEvent> DeployAsync()
    {
        await HandOverAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        if (_deploy is not null)
            await _deploy.DisposeAsync();
        await Service.DisposeAsync();
        _folder.Dispose();
    }

    // A number alone, or the member of an object.
    [GeneratedRegex("""^(\{.*"pid":)?(?<pid>\d+)""")]
    private static partial Regex Pid();
}
