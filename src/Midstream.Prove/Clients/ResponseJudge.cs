using System.Net.Sockets;
using Midstream.Prove.Http;

namespace Midstream.Prove.Clients;

// Decides how a request ended from what was read, and puts it into words. The order matters: what was lost cannot be wrong, and
// an answer to another request says nothing about its status.
internal sealed class ResponseJudge(ProveOptions options, ResponseParser parser)
{
    public RequestOutcome Judge(ResponseEnd end, bool late, bool isFollower, long number, bool bytesFollow)
    {
        if (end.Kind == ResponseEndKind.ConnectionEnded)
            return LossOf(late, isFollower);
        if (end.Kind == ResponseEndKind.Malformed || bytesFollow)
            return RequestOutcome.Malformed;
        if (parser.EchoedId is { } echoed && echoed != number)
            return RequestOutcome.WrongId;
        if (!IsAccepted(parser.StatusCode))
            return RequestOutcome.WrongStatus;
        return parser.BodyAsExpected ? RequestOutcome.Answered : RequestOutcome.WrongBody;
    }

    public string Describe(RequestOutcome outcome, ResponseEnd end) => outcome switch
    {
        RequestOutcome.LostNoResponse => $"{WordsFor(end.Error)} before the first byte of the response",
        RequestOutcome.LostTruncated => $"{WordsFor(end.Error)} {parser.Progress}",
        RequestOutcome.LostTimeout when parser.Began => $"the request timeout passed; the response had stopped {parser.Progress}",
        RequestOutcome.LostTimeout => "no byte of the response came within the request timeout",
        RequestOutcome.WrongStatus => $"the status is {parser.StatusCode}",
        RequestOutcome.WrongBody => $"the body of {parser.BodyBytes} bytes (status {parser.StatusCode}) lacks the expected text",
        RequestOutcome.WrongId when parser.EchoedId < 0 => $"{ProveOptions.IdHeader} of the response is not one number",
        RequestOutcome.WrongId => $"the response carries {ProveOptions.IdHeader} {parser.EchoedId}: it answers another request",
        RequestOutcome.Malformed => parser.Error ?? "bytes follow the end of the response though no further request was sent",
        _ => outcome.ToString(),
    };

    public static string WordsFor(SocketError error) => error switch
    {
        SocketError.Success => "the connection ended (FIN)",
        SocketError.ConnectionReset => "the connection was reset (RST)",
        _ => $"the connection broke ({error})",
    };

    private RequestOutcome LossOf(bool late, bool isFollower)
    {
        if (late)
            return RequestOutcome.LostTimeout;
        if (parser.Began)
            return RequestOutcome.LostTruncated;
        return isFollower ? RequestOutcome.LostUnanswered : RequestOutcome.LostNoResponse;
    }

    private bool IsAccepted(int status) =>
        options.ExpectStatus is { } expected ? status == expected : status is >= 200 and < 500 and not 400 and not 408;
}
