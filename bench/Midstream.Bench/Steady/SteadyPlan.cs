namespace Midstream.Bench.Steady;

/// <summary>What is asked of both servers, and how often.</summary>
internal sealed record SteadyPlan
{
    /// <summary>The size of the large response and of the upload.</summary>
    public const int LargeBytes = 64 * 1024;

    /// <summary>The kinds of requests.</summary>
    public static readonly IReadOnlyList<Exchange> Exchanges =
    [
        new("plaintext", "/plaintext"),
        new("JSON", "/json"),
        new("64 KiB response", "/large"),
        new("64 KiB upload", "/upload", "POST", LargeBytes),
    ];

    /// <summary>The numbers of connections.</summary>
    public static readonly IReadOnlyList<int> Connections = [1, 64, 1000];

    /// <summary>How long each kind of request is asked for before anything is measured. Code is compiled anew while it becomes
    /// hot, and what was compiled ahead of time takes a step more than Kestrel's own code: on a busy machine that was still a
    /// twentieth of the processor time after 15 s, and nothing after 30 s.</summary>
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(30);

    /// <summary>Gets how often both servers are started anew: two processes of the same program differ by some
    /// percent.</summary>
    public int Starts { get; init; } = 3;

    /// <summary>Gets how often each row is measured in one start, first the one server and then the other.</summary>
    public int Rounds { get; init; } = 4;

    /// <summary>Gets how long one measurement is.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets the kinds of requests of this run.</summary>
    public IReadOnlyList<Exchange> Chosen { get; init; } = Exchanges;
}

/// <summary>One kind of request.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Path">What is asked for.</param>
/// <param name="Method">The method.</param>
/// <param name="BodyBytes">The size of the request's body.</param>
internal sealed record Exchange(string Name, string Path, string Method = "GET", int BodyBytes = 0);
