// An operator's side of the conversation, against a socket that says what a supervisor of another age might say.

using System.Net.Sockets;
using System.Text;
using Midstream.Control.Operators;
using Midstream.Linux;

namespace Midstream.Control.Tests;

public sealed class OperatorClientTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midstream-test-").FullName;
    private readonly CancellationTokenSource _bound = new(TimeSpan.FromSeconds(30));
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public OperatorClientTests()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, "control.sock")));
        _listener.Listen();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _bound.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Ask_WithUnknownEventsAmongThePhases_PassesThemOverAndEndsWithTheResult()
    {
        using var client = OperatorClient.Connect(Path.Combine(_folder, "control.sock"));
        using var supervisor = await _listener.AcceptAsync(_bound.Token);
        await supervisor.SendAsync(
            """
            {"event":"phase","phase":"store","elapsed_ms":1}
            {"event":"since_2030","text":"?"}
            rubbish
            {"event":"result","outcome":"committed"}
            {"event":"phase","phase":"after","elapsed_ms":9}

            """u8.ToArray(), _bound.Token);

        var events = new List<OperatorEvent>();
        await foreach (var answer in client.AskAsync(new DeployRequest("/srv/v2"), _bound.Token))
            events.Add(answer);

        Assert.Equal([new PhaseEvent("store", 1), new ResultEvent(Outcomes.Committed)], events);
        Assert.Equal("""{"command":"deploy","folder":"/srv/v2","again":false,"protocol":1}""" + "\n",
            await ReadAsync(supervisor));
    }

    [Fact]
    public async Task Cancel_WhileEventsAreRead_SendsTheWish()
    {
        using var client = OperatorClient.Connect(Path.Combine(_folder, "control.sock"));
        using var supervisor = await _listener.AcceptAsync(_bound.Token);
        await using var events = client.AskAsync(new StatusRequest(), _bound.Token).GetAsyncEnumerator(_bound.Token);
        var next = events.MoveNextAsync();
        await ReadAsync(supervisor);

        await client.CancelAsync();

        Assert.Equal("""{"command":"cancel","protocol":1}""" + "\n", await ReadAsync(supervisor));
        supervisor.Dispose();
        Assert.False(await next);
    }

    [Fact]
    public async Task Ask_WhenTheSupervisorGoesAway_EndsWithoutALastEvent()
    {
        using var client = OperatorClient.Connect(Path.Combine(_folder, "control.sock"));
        using (var supervisor = await _listener.AcceptAsync(_bound.Token))
            await supervisor.SendAsync("""{"event":"phase","phase":"store","elapsed_ms":1}"""u8.ToArray(), _bound.Token);

        var count = 0;
        try
        {
            await foreach (var answer in client.AskAsync(new StatusRequest(), _bound.Token))
                count += answer is PhaseEvent ? 1 : 100;
        }
        catch (IOException)
        {
            // A socket that was closed with our request unread answers with a reset: that is the other way of ending.
        }

        Assert.InRange(count, 0, 1);
    }

    [Fact]
    public void Connect_WhereNobodyListens_Throws()
    {
        var refused = Assert.Throws<LinuxException>(() => OperatorClient.Connect(Path.Combine(_folder, "nobody.sock")));

        Assert.Equal(Errno.ENOENT, refused.Errno);
    }

    private async Task<string> ReadAsync(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, _bound.Token));
    }
}
