using System.Text.Json.Serialization;

namespace Midstream.Prove;

// The ways a request can end. They are exclusive and complete: their counts add up to the number of requests.

/// <summary>Names how a request ended. Every request of a run ends as exactly one of these.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RequestOutcome>))]
public enum RequestOutcome
{
    /// <summary>
    /// Answered completely, well formed, with an accepted status, and with the expected body and id where one was expected.
    /// </summary>
    [JsonStringEnumMemberName("answered")]
    Answered,

    /// <summary>
    /// Not sent: the idle connection was seen to be closed before a byte of the request went out. Nothing is lost, but a client
    /// that does not look first would have lost it.
    /// </summary>
    [JsonStringEnumMemberName("not_sent")]
    NotSent,

    /// <summary>Lost: no connection could be opened for it.</summary>
    [JsonStringEnumMemberName("lost_connect_failed")]
    LostConnectFailed,

    /// <summary>Lost: the connection ended or was reset before the first byte of the response.</summary>
    [JsonStringEnumMemberName("lost_no_response")]
    LostNoResponse,

    /// <summary>Lost: the response began, and the connection ended or was reset before the response did.</summary>
    [JsonStringEnumMemberName("lost_truncated")]
    LostTruncated,

    /// <summary>Lost: not answered completely within <see cref="ProveOptions.RequestTimeout"/>.</summary>
    [JsonStringEnumMemberName("lost_timeout")]
    LostTimeout,

    /// <summary>
    /// Lost: sent behind another request on the same connection, which came to its end before the first byte of this one's
    /// response.
    /// </summary>
    [JsonStringEnumMemberName("lost_unanswered")]
    LostUnanswered,

    /// <summary>Wrong: answered with a status that is not accepted.</summary>
    [JsonStringEnumMemberName("wrong_status")]
    WrongStatus,

    /// <summary>Wrong: the body lacks the expected text.</summary>
    [JsonStringEnumMemberName("wrong_body")]
    WrongBody,

    /// <summary>Wrong: the response carries the <c>X-Prove-Id</c> of another request.</summary>
    [JsonStringEnumMemberName("wrong_id")]
    WrongId,

    /// <summary>
    /// Wrong: what came is not an HTTP/1.1 response, exceeds a limit, or is followed by bytes nobody asked for.
    /// </summary>
    [JsonStringEnumMemberName("malformed")]
    Malformed,
}
