// Connections opened on the old generation and finished on the new, each caught by the hand-over in another state. The client
// sees nothing: no close, no answer out of order, no byte twice.

using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class ConnectionKindsTests
{
    // More than the kernel buffers of a connection hold: a client that does not read keeps the request going.
    private const int MoreThanBuffers = 24 * 1024 * 1024;

    [Fact]
    public async Task HandOver_OfAnIdleConnection_ServesItsNextRequestByTheNewProcess()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        Assert.Equal(change.OldPid, await Changeover.WhoAsync(connection));

        var result = await change.DeployAsync();

        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
        Assert.Equal(2, result.Connections!.Moved);
        Assert.False(Processes.IsAlive(change.OldPid));
    }

    [Fact]
    public async Task HandOver_OfAConnectionThatHasSentNothing_ServesItsFirstRequestByTheNewProcess()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();

        await change.DeployAsync();

        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
    }

    [Fact]
    public async Task HandOver_OfAUnixSocketConnection_ServesItsNextRequestByTheNewProcess()
    {
        await using var change = await Changeover.PrepareAsync(unix: true);
        var connection = await change.ConnectAsync();
        Assert.Equal(change.OldPid, await Changeover.WhoAsync(connection));

        await change.DeployAsync();

        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
    }

    [Fact]
    public async Task HandOver_WithASecondRequestUnread_AnswersTheFirstByTheOldProcessAndTheSecondByTheNew()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync(Get($"/big?bytes={MoreThanBuffers}") + Changeover.AskWho);

        await change.HandOverAsync();
        AssertWhole(await connection.ReceiveAsync());
        var second = Changeover.PidIn(await connection.ReceiveAsync());
        await change.EndAsync();

        Assert.Equal(change.NewPid, second);
    }

    [Fact]
    public async Task HandOver_WithMoreUnreadThanAMessageHolds_AnswersEveryRequestInOrderByTheNewProcess()
    {
        const int Requests = 1500;
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync(Get($"/big?bytes={MoreThanBuffers}"));
        // 80 KB: more than the 32 KiB that travel in the message itself.
        var pipelined = Enumerable.Range(1, Requests).Select(number => Get("/slow?ms=0", $"X-Prove-Id: {number}\r\n"));
        await connection.SendAsync(string.Concat(pipelined));

        await change.HandOverAsync();
        AssertWhole(await connection.ReceiveAsync());
        for (var number = 1; number <= Requests; number++)
        {
            var answer = await connection.ReceiveAsync();
            Assert.Equal($"{number}", answer.Headers["X-Prove-Id"]);
            Assert.Equal(change.NewPid, Changeover.PidIn(answer));
        }

        await change.EndAsync();
    }

    [Fact]
    public async Task HandOver_WithHalfARequestHeadSent_AnswersItByTheOldProcessAndTheNextByTheNew()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        var half = Changeover.AskWho.Length / 2;
        await connection.SendAsync(Changeover.AskWho[..half]);

        await change.HandOverAsync();
        // The next request comes in the same packet as the rest of the first.
        await connection.SendAsync(Changeover.AskWho[half..] + Changeover.AskWho);
        var first = Changeover.PidIn(await connection.ReceiveAsync());
        var second = Changeover.PidIn(await connection.ReceiveAsync());
        await change.EndAsync();

        Assert.Equal((change.OldPid, change.NewPid), (first, second));
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n", "01234", "56789")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\n01234\r\n3\r\n5", "67\r\n2\r\n89\r\n0\r\n\r\n")]
    public async Task HandOver_WithHalfABodySent_ReadsTheRestInTheOldProcess(string framing, string firstHalf, string secondHalf)
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync(Post("/upload", framing) + firstHalf);

        await change.HandOverAsync();
        await connection.SendAsync(secondHalf);
        var answer = await connection.ReceiveAsync();
        var next = await Changeover.WhoAsync(connection);
        await change.EndAsync();

        Assert.Contains("\"bytes\":10", answer.Body, StringComparison.Ordinal);
        Assert.Equal((change.OldPid, change.NewPid), (Changeover.PidIn(answer), next));
    }

    [Fact]
    public async Task HandOver_WhileAResponseStreams_EndsItInTheOldProcess()
    {
        const int Chunks = 60;
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync(Get($"/stream?chunks={Chunks}&delayMs=100"));

        await change.HandOverAsync();
        var answer = await connection.ReceiveAsync();
        var next = await Changeover.WhoAsync(connection);
        await change.EndAsync();

        Assert.Equal(string.Concat(Enumerable.Range(0, Chunks).Select(line => $"{line} {change.OldPid}\n")), answer.Body);
        Assert.Equal(change.NewPid, next);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n", "01234", "56789")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\n01234\r\n", "5\r\n56789\r\n0\r\n\r\n")]
    public async Task HandOver_WhileABodyNobodyReadsArrives_TakesTheNextRequestForNothingElse(
        string framing, string firstHalf, string rest)
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        // Only now: the server waits five seconds for the rest of a body that nobody reads.
        await change.StartNewAsync();
        await connection.SendAsync(Post("/unread", framing) + firstHalf);
        var answer = await connection.ReceiveAsync();

        await change.HandOverAsync();
        await connection.SendAsync(rest);
        var next = await Changeover.WhoAsync(connection);
        await change.EndAsync();

        Assert.Equal((change.OldPid, change.NewPid), (Changeover.PidIn(answer), next));
    }

    [Theory]
    [InlineData("/half", "Content-Length: 40\r\n", "0123456789012345678901234567890123456789")]
    [InlineData("/unread", "Content-Length: 10\r\n", "0123456789")]
    [InlineData("/unread", "Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n0\r\n\r\n")]
    public async Task HandOver_AfterABodyThatWasNotReadToItsEnd_ServesTheNextRequestByTheNewProcess(
        string path, string framing, string body)
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        Assert.Equal(change.OldPid, Changeover.PidIn(await connection.AskAsync(Post(path, framing) + body)));

        await change.DeployAsync();

        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
    }

    [Fact]
    public async Task HandOver_AfterA100Continue_ReadsTheBodyInTheOldProcess()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await connection.SendAsync(Post("/upload", "Content-Length: 10\r\nExpect: 100-continue\r\n"));
        Assert.Equal(100, (await connection.ReceiveAsync()).Status);

        await change.HandOverAsync();
        var answer = await connection.AskAsync("0123456789");
        var next = await Changeover.WhoAsync(connection);
        await change.EndAsync();

        Assert.Contains("\"bytes\":10", answer.Body, StringComparison.Ordinal);
        Assert.Equal((change.OldPid, change.NewPid), (Changeover.PidIn(answer), next));
    }

    [Fact]
    public async Task HandOver_WhileAClientWaitsForA100ThatNeverComes_AnswersItAndEndsAsHttpAllows()
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        await change.StartNewAsync();
        await connection.SendAsync(Post("/unread", "Content-Length: 10\r\nExpect: 100-continue\r\n"));

        await change.HandOverAsync();
        var answer = await connection.ReceiveAsync();
        // The client has not been asked for the body, and does not send it: the next request follows at once.
        await connection.SendAsync("0123456789");
        var next = await Changeover.WhoAsync(connection);
        await change.EndAsync();

        Assert.Equal((change.OldPid, change.NewPid), (Changeover.PidIn(answer), next));
    }

    [Theory]
    [InlineData("HEAD", "/big?bytes=1000", 200)]
    [InlineData("GET", "/empty", 204)]
    [InlineData("GET", "/notmodified", 304)]
    public async Task HandOver_AfterAResponseWithoutBody_ServesTheNextRequestByTheNewProcess(
        string method, string path, int status)
    {
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        var request = Get(path).Replace("GET", method, StringComparison.Ordinal);
        await connection.SendAsync(request);
        Assert.Equal(status, (await connection.ReceiveAsync(toHead: method == "HEAD")).Status);

        await change.DeployAsync();
        await connection.SendAsync(request);
        var again = await connection.ReceiveAsync(toHead: method == "HEAD");

        Assert.Equal(status, again.Status);
        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
    }

    [Fact]
    public async Task HandOver_OfAnHttp10KeepAliveConnection_ServesItsNextRequestByTheNewProcess()
    {
        // Of known length: HTTP/1.0 has no chunks, so anything else ends with the connection.
        const string Request = "GET /big?bytes=26 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        await using var change = await Changeover.PrepareAsync();
        var connection = await change.ConnectAsync();
        var before = await connection.AskAsync(Request);

        await change.DeployAsync();
        var after = await connection.AskAsync(Request);

        Assert.Equal(("keep-alive", "keep-alive"), (before.Headers["Connection"], after.Headers["Connection"]));
        Assert.Equal(before.Body, after.Body);
        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
    }

    private static string Get(string path, string headers = "") => $"GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n";

    private static string Post(string path, string headers) => $"POST {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n";

    private static void AssertWhole(RawResponse answer)
    {
        Assert.Equal(MoreThanBuffers, answer.Body.Length);
        var wrong = Enumerable.Range(0, answer.Body.Length).FirstOrDefault(at => answer.Body[at] != 'a' + (at % 26), -1);
        Assert.Equal(-1, wrong);
    }
}
