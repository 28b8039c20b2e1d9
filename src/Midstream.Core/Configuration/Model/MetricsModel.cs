// Where the supervisor's metrics are read.

namespace Midstream.Core.Configuration;

/// <summary>Says where the supervisor answers GET /metrics.</summary>
public sealed record MetricsModel
{
    /// <summary>The sockets of the metrics endpoint: one, or two for localhost. Default none: there is no endpoint.</summary>
    public IReadOnlyList<ListenSocket> Listen { get; init; } = [];
}
