// When a new worker counts as ready.

namespace Midstream.Core.Configuration;

/// <summary>Says how a new worker proves that it is ready, and how long it may take.</summary>
public sealed record ReadyModel
{
    /// <summary>
    /// The path whose success means ready, for programs that cannot say so themselves; null (the default) for no probe.
    /// </summary>
    public string? Http { get; init; }

    /// <summary>How long the worker may take from its start. 1 ms to 24 h, default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.ReadyTimeoutMs);
}
