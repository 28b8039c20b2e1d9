namespace Midstream.Prove;

// What is true of each client kind: its name for people, its think time, what it needs. One place, so that the command line,
// the report and the engine cannot disagree.

/// <summary>Gives the name, the default think time and the needs of each <see cref="ClientKind"/>.</summary>
public static class ClientKinds
{
    private static readonly string[] s_names =
        ["busy", "thinking", "new", "upload", "upload-chunked", "download", "pipelined", "slow-head"];

    /// <summary>Lists every kind, in the order in which reports show them.</summary>
    public static IReadOnlyList<ClientKind> All { get; } = Enum.GetValues<ClientKind>();

    /// <summary>Returns the name a person types and reads, for instance <c>slow-head</c>.</summary>
    /// <param name="kind">The kind to name.</param>
    public static string NameOf(ClientKind kind) => s_names[(int)kind];

    /// <summary>Finds the kind with this name. Names are lower case and matched exactly.</summary>
    /// <param name="name">A name as <see cref="NameOf"/> gives it.</param>
    /// <param name="kind">The kind found; meaningless when the result is false.</param>
    /// <returns>True when there is such a kind.</returns>
    public static bool TryParse(string name, out ClientKind kind)
    {
        var index = Array.IndexOf(s_names, name);
        kind = (ClientKind)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Says whether clients of this kind keep their connection from one request to the next.</summary>
    /// <param name="kind">The kind asked about.</param>
    public static bool KeepsConnection(ClientKind kind) => kind != ClientKind.NewConnection;

    /// <summary>Says whether this kind posts to <see cref="ProveOptions.UploadPath"/>.</summary>
    /// <param name="kind">The kind asked about.</param>
    public static bool IsUpload(ClientKind kind) => kind is ClientKind.Upload or ClientKind.UploadChunked;

    /// <summary>
    /// Returns the pause between two requests of one client that applies when <see cref="ProveOptions.ThinkTimes"/> has none.
    /// </summary>
    /// <param name="kind">The kind asked about.</param>
    public static PauseRange DefaultThinkTime(ClientKind kind) => kind switch
    {
        ClientKind.Busy or ClientKind.NewConnection => PauseRange.Milliseconds(0, 5),
        ClientKind.Thinking => PauseRange.Milliseconds(0, 500),
        _ => PauseRange.Milliseconds(0, 50),
    };

    /// <summary>
    /// Returns how many clients of this kind take part when the caller names none. Uploads and downloads take part only when
    /// <paramref name="options"/> names a path for them.
    /// </summary>
    /// <param name="kind">The kind asked about.</param>
    /// <param name="options">The options whose paths decide.</param>
    public static int DefaultCount(ClientKind kind, ProveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return kind switch
        {
            ClientKind.Busy => 8,
            ClientKind.Thinking => 40,
            ClientKind.Upload or ClientKind.UploadChunked => options.UploadPath is null ? 0 : 4,
            ClientKind.Download => options.DownloadPath is null ? 0 : 4,
            _ => 4,
        };
    }
}
