using System.Globalization;
using System.Text;
using Midstream.Prove.Http;

namespace Midstream.Prove.Tests;

// The parser, fed whole, byte by byte, and cut in two at every place: however a response arrives, it must be read the same.
public sealed class ResponseParserTests
{
    private const string Body = "hello";
    private const string LongLine = "a head or chunk line is larger than the limit";

    public static TheoryData<string, string> WellFormed => new()
    {
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5" },
        { "HTTP/1.1 200 \r\ncontent-length:5\r\n\r\nhello", "200 keep 5" },
        { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5" },
        { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404 keep 0" },
        { "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "200 close 5" },
        { "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 5\r\n\r\nhello", "200 close 5" },
        { "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 close 5" },
        { "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5" },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "200 keep 5" },
        {
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n3;x=\"y\"\r\nllo\r\n000\r\nA: b\r\nC:\r\n\r\n",
            "200 keep 5"
        },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n000A\r\nhellohello\r\n0 ;x\r\n\r\n", "200 keep 10" },
        { "HTTP/1.1 204 No Content\r\n\r\n", "204 keep 0" },
        { "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 keep 0" },
        {
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5"
        },
        {
            "HTTP/1.1 200 OK\r\nX-Prove-Id: 42\r\nMidstream-Release: r 7\r\nContent-Length: 5\r\n\r\nhello",
            "200 keep 5 id 42 release r 7"
        },
        { "HTTP/1.1 200 OK\r\nX-Prove-Id: 42\r\nX-Prove-Id: 43\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5 id -1" },
        { "HTTP/1.1 200 OK\r\nX-Prove-Id: 4x\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5 id -1" },
        { "HTTP/1.1 200 OK\r\nX: tab\tand \u00e9\r\nContent-Length: 5\r\n\r\nhello", "200 keep 5" },
    };

    public static TheoryData<string> Malformed =>
    [
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ];

    [Theory]
    [MemberData(nameof(WellFormed))]
    public void Feed_WellFormedCutAnywhere_ReadsTheSame(string response, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(response);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parser = NewParser();
            Assert.Equal(ResponseStatus.Complete, FeedAll(parser, bytes[..cut], bytes[cut..]));
            Assert.Equal(expected, Summary(parser));
        }
        var byByte = NewParser();
        Assert.Equal(ResponseStatus.Complete, FeedAll(byByte, [.. bytes.Select(b => new[] { b })]));
        Assert.Equal(expected, Summary(byByte));
    }

    [Theory]
    [MemberData(nameof(WellFormed))]
    public void EndOfStream_InsideAnyResponse_IsIncomplete(string response, string _)
    {
        var bytes = Encoding.Latin1.GetBytes(response);
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var parser = NewParser();
            FeedAll(parser, bytes[..cut]);
            Assert.Equal(ResponseStatus.Incomplete, parser.EndOfStream());
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Feed_MalformedCutAnywhere_IsMalformedWithAReason(string response)
    {
        var bytes = Encoding.Latin1.GetBytes(response);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parser = NewParser();
            Assert.Equal(ResponseStatus.Malformed, FeedAll(parser, bytes[..cut], bytes[cut..]));
            Assert.NotNull(parser.Error);
        }
    }

    [Theory]
    [MemberData(nameof(WellFormed))]
    public void Feed_AnotherResponseBehind_LeavesItToTheNext(string response, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(response + response);
        var parser = NewParser();

        Assert.Equal(ResponseStatus.Complete, parser.Feed(bytes, out var consumed));
        Assert.Equal(bytes.Length / 2, consumed);
        parser.Begin(toHead: false);
        Assert.Equal(ResponseStatus.Complete, parser.Feed(bytes.AsSpan(consumed), out consumed));

        Assert.Equal(bytes.Length / 2, consumed);
        Assert.Equal(expected, Summary(parser));
    }

    [Fact]
    public void Feed_ResponseToHead_HasNoBody()
    {
        var parser = NewParser();
        parser.Begin(toHead: true);

        var status = parser.Feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP"u8, out var consumed);

        Assert.Equal(ResponseStatus.Complete, status);
        Assert.Equal(38, consumed);
    }

    [Fact]
    public void EndOfStream_BodyWithoutLength_CompletesIt()
    {
        var parser = NewParser();

        Assert.Equal(ResponseStatus.Incomplete, parser.Feed("HTTP/1.1 200 OK\r\n\r\nhel"u8, out _));
        Assert.Equal(ResponseStatus.Incomplete, parser.Feed("lo"u8, out _));

        Assert.Equal(ResponseStatus.Complete, parser.EndOfStream());
        Assert.Equal("200 close 5", Summary(parser));
    }

    [Fact]
    public void Began_AfterAnInterimResponse_IsFalseUntilTheResponseProper()
    {
        var parser = NewParser();

        Assert.False(parser.Began);
        parser.Feed("HTTP/1.1 100 Continue\r\n\r\n"u8, out _);
        Assert.False(parser.Began);
        parser.Feed("H"u8, out _);
        Assert.True(parser.Began);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX: {0}\r\n\r\n", LongLine)]
    [InlineData("HTTP/1.1 200 OK\r\nX: {0}", LongLine)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;{0}\r\n", LongLine)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: {0}\r\n", LongLine)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{0}", "the body is larger than the limit")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{0}", "the body is larger than the limit")]
    public void Feed_LargerThanALimit_IsMalformed(string response, string error)
    {
        var limits = new ResponseLimits { HeadBytesMax = 200, ChunkLineBytesMax = 200, BodyBytesMax = 200 };
        var parser = new ResponseParser(limits);

        var text = string.Format(CultureInfo.InvariantCulture, response, new string('x', 300));
        Assert.Equal(ResponseStatus.Malformed, parser.Feed(Encoding.ASCII.GetBytes(text), out _));

        Assert.Equal(error, parser.Error);
    }

    [Fact]
    public void Feed_EndlessInterimResponses_IsMalformed()
    {
        var parser = NewParser();
        var interim = "HTTP/1.1 102 Processing\r\n\r\n"u8.ToArray();

        var fed = Enumerable.Range(1, 100).First(_ => parser.Feed(interim, out var _) == ResponseStatus.Malformed);

        Assert.Equal(17, fed);
    }

    [Theory]
    [InlineData("needle", "a needle in", true)]
    [InlineData("needle", "neneneedlee", true)]
    [InlineData("aab", "aaaaab", true)]
    [InlineData("abab", "abaabab", true)]
    [InlineData("needle", "needl", false)]
    [InlineData("needle", "needl needl", false)]
    public void ExpectedText_BodyCutAnywhere_IsFoundWhereverItIs(string text, string body, bool found)
    {
        for (var cut = 0; cut <= body.Length; cut++)
        {
            var expected = new ExpectedText(text);
            expected.Feed(Encoding.ASCII.GetBytes(body[..cut]));
            expected.Feed(Encoding.ASCII.GetBytes(body[cut..]));
            Assert.Equal(found, expected.Found);
        }
    }

    [Fact]
    public void BodyAsExpected_TextInTheHeadOnly_IsFalse()
    {
        var parser = new ResponseParser(new ResponseLimits(), expected: new ExpectedText(Body));

        parser.Feed("HTTP/1.1 200 hello\r\nContent-Length: 4\r\n\r\nhell"u8, out _);

        Assert.False(parser.BodyAsExpected);
    }

    private static ResponseParser NewParser() => new(new ResponseLimits(), "Midstream-Release");

    private static ResponseStatus FeedAll(ResponseParser parser, params byte[][] pieces)
    {
        var status = ResponseStatus.Incomplete;
        foreach (var piece in pieces)
            status = parser.Feed(piece, out _);
        return status;
    }

    private static string Summary(ResponseParser parser)
    {
        var id = parser.EchoedId is { } number ? $" id {number}" : "";
        var release = parser.NamesRelease ? $" release {parser.Release}" : "";
        return $"{parser.StatusCode} {(parser.KeepAlive ? "keep" : "close")} {parser.BodyBytes}{id}{release}";
    }
}
