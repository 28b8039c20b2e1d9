using System.Text.Json.Serialization;

namespace Midstream.Prove;

// The kinds of clients a run can mix. Each exists because a swap can lose its requests in a way the others would not notice.

/// <summary>Names the behaviours a client can have during a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClientKind>))]
public enum ClientKind
{
    /// <summary>
    /// Keeps one connection and hardly pauses (0-5 ms by default): meets the moment of the swap with a request under way.
    /// </summary>
    [JsonStringEnumMemberName("busy")]
    Busy,

    /// <summary>
    /// Keeps one connection and pauses (0-500 ms by default): meets the swap with an idle connection about to be used.
    /// </summary>
    [JsonStringEnumMemberName("thinking")]
    Thinking,

    /// <summary>
    /// Opens a connection for each request and asks for <c>Connection: close</c>: meets the listener's change of hands.
    /// </summary>
    [JsonStringEnumMemberName("new")]
    NewConnection,

    /// <summary>Posts a body of announced length piece by piece; needs <see cref="ProveOptions.UploadPath"/>.</summary>
    [JsonStringEnumMemberName("upload")]
    Upload,

    /// <summary>Posts a chunked body piece by piece; needs <see cref="ProveOptions.UploadPath"/>.</summary>
    [JsonStringEnumMemberName("upload-chunked")]
    UploadChunked,

    /// <summary>Reads a long response slowly; needs <see cref="ProveOptions.DownloadPath"/>.</summary>
    [JsonStringEnumMemberName("download")]
    Download,

    /// <summary>
    /// Sends four requests at once, in writes that end in the middle of a request head, and reads the four answers in order.
    /// </summary>
    [JsonStringEnumMemberName("pipelined")]
    Pipelined,

    /// <summary>Sends each request head in six pieces with pauses between them.</summary>
    [JsonStringEnumMemberName("slow-head")]
    SlowHead,
}
