// What is known of a worker that serves when it is asked whether it still lives.

namespace Midstream.Core.Liveness;

/// <summary>How a worker's reports arrive.</summary>
public enum Heartbeat
{
    /// <summary>It has never reported: a program that does not, or one that has only just started.</summary>
    None,

    /// <summary>Its last report is recent.</summary>
    Beating,

    /// <summary>It has reported before, and no longer does.</summary>
    Silent,
}

/// <summary>How a worker answers its health check.</summary>
public enum HealthAnswers
{
    /// <summary>It is not asked, or has not been yet.</summary>
    None,

    /// <summary>It answers well, or has failed less often in a row than it may.</summary>
    Good,

    /// <summary>It has failed as often in a row as <c>health.failures_max</c> allows.</summary>
    Failing,
}

/// <summary>Gathers what <see cref="LivenessTable"/> decides by.</summary>
/// <param name="Heartbeat">How its reports arrive.</param>
/// <param name="Health">How it answers its health check.</param>
/// <param name="RequestsAreLong">Whether a request under way has lasted longer than requests of this service should.</param>
public readonly record struct LivenessFacts(Heartbeat Heartbeat, HealthAnswers Health, bool RequestsAreLong);
