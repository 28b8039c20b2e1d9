// Server-sent events: the stream ends as a whole response when the process lets go, and its client goes on from the last event it
// has seen, on the same connection and in the next process.

using System.Globalization;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Traffic;

public sealed class EventStreamTests
{
    private const int Deployments = 3;

    [Fact]
    public async Task Deploy_WithEventStreams_EndsEachWholeAndGoesOnWhereItWasOnTheSameConnection()
    {
        using var folder = new TemporaryFolder();
        var echo = Repository.Published("tests/TestApps/Echo");
        await using var service = await MidstreamService.StartAsync(folder, echo, """{ "probation": { "duration_ms": 0 } }""");
        await using var connection = await RawConnection.ConnectAsync(service.Url);
        var events = new List<(int Number, string Pid)>();

        for (var number = 1; number <= Deployments; number++)
        {
            await connection.SendAsync(Ask(events.Count == 0 ? 0 : events[^1].Number));
            var deployed = service.DeployWellAsync(echo);
            // Ends when the deployment drains; its chunked end was there, or this would not return.
            var stream = await connection.ReceiveAsync();
            var result = await deployed;

            Assert.Equal("text/event-stream", stream.Headers["Content-Type"]);
            Assert.DoesNotContain("Connection", stream.Headers.Keys);
            var connections = result.Connections!;
            Assert.Equal((1, 0, 0), (connections.Moved, connections.Announced, connections.ClosedAtDeadline));
            events.AddRange(Read(stream.Body));
        }

        Assert.Equal(Enumerable.Range(1, events.Count), events.ConvertAll(static seen => seen.Number));
        Assert.Equal(Deployments, events.Select(static seen => seen.Pid).Distinct().Count());
    }

    [Fact]
    public async Task Deploy_WithALongPollWhoseHandlerListensToTheNotice_IsAnsweredAtOnce()
    {
        await using var change = await Changeover.PrepareAsync(app: "tests/TestApps/Movable");
        var connection = await change.ConnectAsync();
        await connection.SendAsync("GET /poll HTTP/1.1\r\nHost: test\r\n\r\n");

        await change.HandOverAsync();
        var answer = await connection.ReceiveAsync();
        var result = await change.EndAsync();

        Assert.Equal($"nothing new {change.OldPid}\n", answer.Body);
        Assert.Equal(2, result.Connections!.Moved);
        // The changeover's own connection asks again and again, and may have been asking.
        Assert.InRange(result.Connections.MovedBusy, 1, 2);
        Assert.Equal(change.NewPid, await Changeover.WhoAsync(connection));
    }

    private static string Ask(int last) =>
        "GET /events?everyMs=20 HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n" +
        $"Last-Event-ID: {last}\r\n\r\n";

    private static IEnumerable<(int Number, string Pid)> Read(string stream) =>
        stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(static text => text.StartsWith("id:", StringComparison.Ordinal))
            .Select(static text => text.Split('\n'))
            .Select(static lines => (int.Parse(lines[0][3..], CultureInfo.InvariantCulture), lines[1][5..].Trim()));
}
