namespace Midstream.Prove;

// What a caller may ask of a run. Plain input: ProveOptionsValidator says what is wrong with it, all of it at once.

/// <summary>
/// Describes a run: the target, the clients and what counts as a correct answer. Not changed once a run uses it.
/// </summary>
public sealed record ProveOptions
{
    /// <summary>The longest run that is accepted: 24 hours.</summary>
    public static readonly TimeSpan LongestDuration = TimeSpan.FromHours(24);

    /// <summary>The most clients of all kinds together that are accepted: 20,000.</summary>
    public const int MostClients = 20_000;

    /// <summary>
    /// The header each request carries its unique number in; a response that carries it too must carry the same number.
    /// </summary>
    public const string IdHeader = "X-Prove-Id";

    /// <summary>
    /// Gets the target: <c>http://host:port</c> with an optional path, or <c>unix:/path/of/socket</c>. Required.
    /// </summary>
    public required string Url { get; init; }

    /// <summary>
    /// Gets the number of clients by kind. Default: empty, which means <see cref="ClientKinds.DefaultCount"/> of each kind.
    /// </summary>
    public IReadOnlyDictionary<ClientKind, int> Clients { get; init; } = new Dictionary<ClientKind, int>();

    /// <summary>
    /// Gets how long clients begin new requests; more than zero, at most <see cref="LongestDuration"/>. Default: null, which
    /// means 30 s, or <see cref="LongestDuration"/> when <see cref="RequestsMax"/> ends the run.
    /// </summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>
    /// Gets the number of requests after which no client begins another; at least 1. Default: null, no such end.
    /// </summary>
    public long? RequestsMax { get; init; }

    /// <summary>
    /// Gets the pauses between a client's requests, by kind. Default: empty; see <see cref="ClientKinds.DefaultThinkTime"/>.
    /// </summary>
    public IReadOnlyDictionary<ClientKind, PauseRange> ThinkTimes { get; init; } = new Dictionary<ClientKind, PauseRange>();

    /// <summary>Gets the pause between the pieces of a slowly sent or slowly read message. Default: 5 to 40 ms.</summary>
    public PauseRange PiecePause { get; init; } = PauseRange.Milliseconds(5, 40);

    /// <summary>
    /// Gets the time from the beginning of a request, its connecting included, within which it must be answered; 10 ms to 1 h.
    /// A download has this time for each piece it reads. Default: 30 s. Checked every 20 ms.
    /// </summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets the path the GET requests ask for. Default: null, which means the path of <see cref="Url"/>, or <c>/</c>.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>Gets the path uploads post to. Default: null, no uploads.</summary>
    public string? UploadPath { get; init; }

    /// <summary>Gets the number of body bytes of an upload, sent in eight pieces; 8 bytes to 64 MiB. Default: 64 KiB.</summary>
    public int UploadBytes { get; init; } = 64 * 1024;

    /// <summary>Gets the path downloads ask for. Default: null, no downloads.</summary>
    public string? DownloadPath { get; init; }

    /// <summary>
    /// Gets the response header that names the answering release. Default: <c>Midstream-Release</c>; a response without it is
    /// counted as answered by no named release. Null: releases are not looked at.
    /// </summary>
    public string? ReleaseHeader { get; init; } = "Midstream-Release";

    /// <summary>
    /// Gets the one status that is accepted, 200 to 599. Default: null, which accepts 200 to 499 except 400 and 408: those two
    /// say that the server did not understand or did not receive a request that was sent correctly.
    /// </summary>
    public int? ExpectStatus { get; init; }

    /// <summary>
    /// Gets a text every body at <see cref="Path"/> must contain, compared as UTF-8 bytes. Default: null, any body.
    /// </summary>
    public string? ExpectBody { get; init; }

    /// <summary>Gets how many failures the report describes in full, 0 to 10,000; all are counted. Default: 20.</summary>
    public int FailuresMax { get; init; } = 20;

    /// <summary>
    /// Gets the most body bytes of one response; more is <see cref="RequestOutcome.Malformed"/>. At least 0. Default: 1 GiB.
    /// </summary>
    public long ResponseBytesMax { get; init; } = 1L << 30;

    /// <summary>Gets whether a target that is not this machine's loopback may be driven. Default: false.</summary>
    public bool AllowRemote { get; init; }

    internal int CountOf(ClientKind kind) =>
        Clients.Count == 0 ? ClientKinds.DefaultCount(kind, this) : Clients.GetValueOrDefault(kind);

    internal PauseRange ThinkTimeOf(ClientKind kind) =>
        ThinkTimes.TryGetValue(kind, out var range) ? range : ClientKinds.DefaultThinkTime(kind);

    internal TimeSpan EffectiveDuration =>
        Duration ?? (RequestsMax is null ? TimeSpan.FromSeconds(30) : LongestDuration);
}
