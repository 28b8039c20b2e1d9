// The operator protocol's JSON: what is written, and what is made of what a newer, older or broken peer writes.

using System.Text.Json.Nodes;
using Midstream.Control.Operators;

namespace Midstream.Control.Tests;

public sealed class OperatorProtocolTests
{
    public static TheoryData<int> EveryRequest => [.. Enumerable.Range(0, Samples.Requests.Count)];

    public static TheoryData<int> EveryEvent => [.. Enumerable.Range(0, Samples.Events.Count)];

    [Fact]
    public void Samples_OfRequestsAndEvents_AreAllThereAre()
    {
        Assert.Equal(TypesOf<OperatorRequest>(), Samples.Requests.Select(sample => sample.GetType()).ToHashSet());
        Assert.Equal(TypesOf<OperatorEvent>(), Samples.Events.Select(sample => sample.GetType()).ToHashSet());
    }

    [Fact]
    public void ToLine_OfEveryRequest_IsAsApproved() =>
        Wire.Verify("operator-requests", Samples.Requests.Select(OperatorProtocol.ToLine));

    [Fact]
    public void ToLine_OfEveryEvent_IsAsApproved() =>
        Wire.Verify("operator-events", Samples.Events.Select(OperatorProtocol.ToLine));

    [Fact]
    public void ToLine_WithLineBreaksInATextOfIt_IsOneLine()
    {
        var line = OperatorProtocol.ToLine(new DeployRequest("/srv/a\nb\r\u2028c"));

        Assert.DoesNotContain(line, character => character is '\n' or '\r' or '\u2028');
        Assert.Equal(new DeployRequest("/srv/a\nb\r\u2028c"), OperatorProtocol.ReadRequest(line));
    }

    [Theory]
    [MemberData(nameof(EveryRequest))]
    public void ReadRequest_OfWhatWasWritten_IsTheSame(int index)
    {
        var line = OperatorProtocol.ToLine(Samples.Requests[index]);

        Assert.Equal(
            OperatorProtocol.ToLine(Samples.Requests[index]), OperatorProtocol.ToLine(OperatorProtocol.ReadRequest(line)!));
    }

    // Lists have no equality of their own: what was read is written again instead.
    [Theory]
    [MemberData(nameof(EveryEvent))]
    public void ReadEvent_OfWhatWasWritten_IsTheSame(int index)
    {
        var line = OperatorProtocol.ToLine(Samples.Events[index]);

        var read = OperatorProtocol.ReadEvent(line);

        Assert.IsType(Samples.Events[index].GetType(), read);
        Assert.Equal(line, OperatorProtocol.ToLine(read!));
    }

    [Theory]
    [MemberData(nameof(EveryRequest))]
    public void ReadRequest_FromANewerPeer_IgnoresWhatItDoesNotKnow(int index)
    {
        var line = Newer(OperatorProtocol.ToLine(Samples.Requests[index]));

        Assert.Equal(
            OperatorProtocol.ToLine(Samples.Requests[index]), OperatorProtocol.ToLine(OperatorProtocol.ReadRequest(line)!));
    }

    [Theory]
    [MemberData(nameof(EveryEvent))]
    public void ReadEvent_FromANewerPeer_IgnoresWhatItDoesNotKnow(int index)
    {
        var line = OperatorProtocol.ToLine(Samples.Events[index]);

        var read = OperatorProtocol.ReadEvent(Newer(line));

        Assert.Equal(line, OperatorProtocol.ToLine(read!));
    }

    // Version 0 stands for a caller that does not say; it is older than any.
    [Fact]
    public void ReadRequest_FromAnOlderPeerWithoutOptionalMembers_TakesTheirDefaults()
    {
        Assert.Equal(
            new DeployRequest("/srv/v2") { Protocol = 0 },
            OperatorProtocol.ReadRequest("""{"command":"deploy","folder":"/srv/v2"}"""));
        Assert.Equal(new RollbackRequest(), OperatorProtocol.ReadRequest("""{"command":"rollback","protocol":1}"""));
    }

    [Fact]
    public void ReadRequest_OfAnotherProtocol_KeepsItsVersionForTheReceiverToJudge() =>
        Assert.Equal(2, OperatorProtocol.ReadRequest("""{"command":"status","protocol":2}""")!.Protocol);

    [Fact]
    public void ReadEvent_FromAnOlderPeerWithoutOptionalMembers_LeavesThemNull()
    {
        var read = Assert.IsType<ResultEvent>(OperatorProtocol.ReadEvent("""{"event":"result","outcome":"committed"}"""));

        Assert.Equal(new ResultEvent(Outcomes.Committed), read);
    }

    [Fact]
    public void ReadRequest_WithTheTypeLast_IsRead() =>
        Assert.Equal(
            new DeployRequest("/srv/v2", Again: true),
            OperatorProtocol.ReadRequest("""{"protocol":1,"again":true,"folder":"/srv/v2","command":"deploy"}"""));

    [Fact]
    public void ReadEvent_WithTheTypeLast_IsRead() =>
        Assert.Equal(new PhaseEvent("drain", 9),
            OperatorProtocol.ReadEvent("""{"phase":"drain","elapsed_ms":9,"event":"phase"}"""));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("""{"command":"deploy","folder":""")]
    [InlineData("""{"command":"deploy","folder":["a"]}""")]
    [InlineData("""{"command":"explode"}""")]
    [InlineData("""{"command":7}""")]
    [InlineData("""{"event":"explode"}""")]
    [InlineData("""{"event":"phase","phase":"x","elapsed_ms":"soon"}""")]
    [InlineData("""{"command":"status"}{"command":"stop"}""")]
    [InlineData("{\"command\":\"status\"}\0")]
    [InlineData("\uD800")]
    public void Read_OfRubbish_IsNull(string line)
    {
        Assert.Null(OperatorProtocol.ReadRequest(line));
        Assert.Null(OperatorProtocol.ReadEvent(line));
    }

    [Fact]
    public void Read_OfBottomlessNesting_IsNull()
    {
        var line = """{"command":"status","extra":""" + new string('[', 100_000);

        Assert.Null(OperatorProtocol.ReadRequest(line));
        Assert.Null(OperatorProtocol.ReadEvent(line));
    }

    private static HashSet<Type> TypesOf<T>() => [.. typeof(T).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T)))];

    // As a later version might write it: more members, also inside of what this one knows.
    private static string Newer(string line)
    {
        var message = JsonNode.Parse(line)!.AsObject();
        foreach (var known in message.Select(member => member.Value).OfType<JsonObject>().ToList())
            known["since_2030"] = 1;
        message["since_2030"] = new JsonObject { ["deep"] = new JsonArray(1, "two", null) };
        return message.ToJsonString();
    }
}
