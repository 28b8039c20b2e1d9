// Named clients that count: none is answered by another generation once the last one has answered it, and every count that was
// acknowledged is there.

using Midstream.TestKit;

namespace Midstream.Modules.Tests.Scenes;

internal sealed class NamedClients(Uri address, string? last = null) : IDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task> _clients = [];
    private long _counted;

    internal long Counted => Volatile.Read(ref _counted);

    internal void Start(int clients) =>
        _clients.AddRange(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunAsync(client))));

    /// <summary>Waits until so many more counts were acknowledged, or a client has failed.</summary>
    internal async Task AnsweredAsync(long more)
    {
        var goal = Counted + more;
        await Waiting.UntilAsync(() => Counted >= goal || _clients.Exists(client => client.IsFaulted), $"{more} counts");
    }

    internal async Task StopAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public void Dispose() => _enough.Dispose();

    private async Task RunAsync(int client)
    {
        await using var connection = await RawConnection.ConnectAsync(address);
        var before = "";
        while (!_enough.IsCancellationRequested)
        {
            await AskAsync(connection, client, "POST /greeter/count/1 HTTP/1.1\r\nContent-Length: 0");
            Interlocked.Increment(ref _counted);
            var who = await AskAsync(connection, client, "GET /greeter/who HTTP/1.1");
            Assert.True(before == who || last is null || before != last, $"client {client}: {before}, then {who}");
            before = who;
        }
    }

    private static async Task<string> AskAsync(RawConnection connection, int client, string head)
    {
        var answer = await connection.AskAsync($"{head}\r\nHost: localhost\r\nX-Client: {client}\r\n\r\n");
        Assert.True(answer.Status == 200, $"{head}: {answer.Status} {answer.Body}");
        return answer.Body;
    }
}
