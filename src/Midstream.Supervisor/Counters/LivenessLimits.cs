namespace Midstream.Supervisor.Counters;

/// <summary>How long a worker may be silent, and a request may last.</summary>
/// <param name="Silence">The time without a report after which a worker that has reported before is hung.</param>
/// <param name="LongRequest">The age from which a request under way makes its worker busy.</param>
internal sealed record LivenessLimits(TimeSpan Silence, TimeSpan LongRequest)
{
    /// <summary>Ten seconds each: ten reports missed, which no garbage collection explains.</summary>
    public static LivenessLimits Default { get; } = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
}
