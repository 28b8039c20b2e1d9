namespace Midstream.Supervisor;

/// <summary>Why a supervisor cannot start or go on; each has an exit code in docs/reference/cli.md.</summary>
public enum SupervisorFailure
{
    /// <summary>Another supervisor runs this service.</summary>
    AlreadyRunning,

    /// <summary>The state directory cannot be written, or what is in it cannot be read.</summary>
    StateUnusable,

    /// <summary>The state was written by a newer version of Midstream.</summary>
    StateTooNew,

    /// <summary>A listening socket cannot be bound.</summary>
    CannotListen,

    /// <summary>The file for the supervisor's process id cannot be written.</summary>
    PidFileUnusable,

    /// <summary>The configuration is invalid.</summary>
    ConfigurationInvalid,

    /// <summary>There is no release to start, or the one given is none.</summary>
    NoRelease,

    /// <summary>The first generation did not become ready.</summary>
    FirstStartFailed,
}

/// <summary>Reports that a supervisor cannot start; the message says what to do.</summary>
/// <param name="failure">Why.</param>
/// <param name="message">What happened, to what, and what to do next.</param>
/// <param name="innerException">The cause; null if none.</param>
public sealed class SupervisorException(SupervisorFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>Gets why.</summary>
    public SupervisorFailure Failure { get; } = failure;
}
