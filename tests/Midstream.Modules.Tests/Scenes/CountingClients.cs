// Clients on connections that stay open, which check every answer: who gave it, that no generation comes back once a newer one
// has answered, and that every count that was acknowledged is there.

using Midstream.TestKit;

namespace Midstream.Modules.Tests.Scenes;

internal sealed class CountingClients(Uri address) : IDisposable
{
    private readonly CancellationTokenSource _enough = new();
    private readonly List<Task> _clients = [];
    private long _answers;
    private long _counted;

    internal long Answers => Volatile.Read(ref _answers);

    /// <summary>Gets the sum of all counts that were acknowledged.</summary>
    internal long Counted => Volatile.Read(ref _counted);

    internal void Start(int clients) =>
        _clients.AddRange(Enumerable.Range(0, clients).Select(_ => Task.Run(RunAsync)));

    /// <summary>Waits until so many more answers have come, or a client has failed.</summary>
    internal async Task AnsweredAsync(long more)
    {
        var goal = Answers + more;
        await Waiting.UntilAsync(() => Answers >= goal || _clients.Exists(client => client.IsFaulted), $"{more} answers");
    }

    /// <summary>Ends the clients after their present request; throws what any of them has found wrong.</summary>
    internal async Task StopAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public void Dispose() => _enough.Dispose();

    private async Task RunAsync()
    {
        await using var connection = await RawConnection.ConnectAsync(address);
        var newest = 0L;
        while (!_enough.IsCancellationRequested)
        {
            newest = Judge(await AskAsync(connection, "GET /greeter/who HTTP/1.1"), newest);
            Interlocked.Increment(ref _counted);
            await AskAsync(connection, "POST /greeter/count/1 HTTP/1.1\r\nContent-Length: 0");
            var hello = await AskAsync(connection, "GET /greeter/hello/a HTTP/1.1");
            Assert.StartsWith("Hello a from ", hello, StringComparison.Ordinal);
        }
    }

    private async Task<string> AskAsync(RawConnection connection, string head)
    {
        var answer = await connection.AskAsync($"{head}\r\nHost: localhost\r\n\r\n");
        Assert.True(answer.Status == 200, $"{head}: {answer.Status} {answer.Body}");
        Interlocked.Increment(ref _answers);
        return answer.Body;
    }

    // name, version of the package, generation, version of the code.
    private static long Judge(string who, long newest)
    {
        var words = who.Split(' ');
        Assert.Equal(words[1], words[3]);
        var generation = long.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(generation >= newest, $"generation {generation} has answered after {newest}");
        return generation;
    }
}
