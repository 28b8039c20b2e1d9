// How a worker is asked to end, and how long it has before it is killed.

namespace Midstream.Core.Configuration;

/// <summary>Describes the ending of a worker: a signal, a wait, then KILL to its process group.</summary>
public sealed record StopModel
{
    /// <summary>The signal's number on Linux (signal(7)). Default 15, TERM.</summary>
    public int Signal { get; init; } = SignalName.Term;

    /// <summary>How long the worker may take to end after the signal. 1 ms to 24 h, default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.StopTimeoutMs);
}
