namespace Midstream.Prove;

// A failure described so that it can be looked up in the server's log and in a packet capture.

/// <summary>Describes one request that was lost or answered wrongly.</summary>
public sealed record RequestFailure
{
    /// <summary>Gets the request's number, the value of its <c>X-Prove-Id</c>.</summary>
    public required long Request { get; init; }

    /// <summary>Gets the kind of the client that sent it.</summary>
    public required ClientKind Kind { get; init; }

    /// <summary>Gets how it ended.</summary>
    public required RequestOutcome Outcome { get; init; }

    /// <summary>Gets when it failed, in milliseconds since the run began.</summary>
    public required double AtMs { get; init; }

    /// <summary>Gets what happened, in words.</summary>
    public required string What { get; init; }

    /// <summary>Gets the client's port, 0 when there was no connection or on a unix socket.</summary>
    public required int LocalPort { get; init; }

    /// <summary>Gets which request on its connection it was, from 1; 0 when there was no connection.</summary>
    public required long OnConnection { get; init; }

    /// <summary>Gets the release that gave this client its last answer; null when none was named yet.</summary>
    public string? LastRelease { get; init; }
}
