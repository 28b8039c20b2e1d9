// The sections of midstream.json as they were written: absent options are null, and numbers are as long as the file made them.

namespace Midstream.Core.Configuration;

/// <summary>Holds one entry of "listen".</summary>
/// <param name="Url">The URL.</param>
/// <param name="Name">The socket's name in LISTEN_FDNAMES, or null.</param>
/// <param name="Mode">The Unix socket's file mode in octal, such as "0660", or null.</param>
/// <param name="Owner">The Unix socket's owner, or null.</param>
public sealed record ListenConfig(string Url, string? Name = null, string? Mode = null, string? Owner = null);

/// <summary>Holds the section "ready".</summary>
/// <param name="Http">The path to probe, or null.</param>
/// <param name="TimeoutMs">The time to become ready, in milliseconds, or null.</param>
public sealed record ReadyConfig(string? Http = null, long? TimeoutMs = null);

/// <summary>Holds the section "health".</summary>
/// <param name="Path">The path to ask, or null.</param>
/// <param name="IntervalMs">The time between two checks, in milliseconds, or null.</param>
/// <param name="TimeoutMs">The time one check may take, in milliseconds, or null.</param>
/// <param name="FailuresMax">How many failures in a row make a worker unhealthy, or null.</param>
public sealed record HealthConfig(
    string? Path = null, long? IntervalMs = null, long? TimeoutMs = null, long? FailuresMax = null);

/// <summary>Holds one entry of "warm_up".</summary>
/// <param name="Path">The path and query.</param>
/// <param name="Method">The HTTP method, or null.</param>
/// <param name="Headers">Header fields, or null.</param>
/// <param name="Body">The body, or null.</param>
/// <param name="Count">How many times the request is sent, or null.</param>
public sealed record WarmUpConfig(
    string Path,
    string? Method = null,
    IReadOnlyDictionary<string, string>? Headers = null,
    string? Body = null,
    long? Count = null);

/// <summary>Holds the section "workers".</summary>
/// <param name="Count">How many workers serve, or null.</param>
/// <param name="Replace">How they are replaced, "one-by-one" or "all-at-once", or null.</param>
/// <param name="Standby">Whether one more is kept warmed up, or null.</param>
/// <param name="HeartbeatTimeoutMs">The silence that means hung, in milliseconds, or null.</param>
public sealed record WorkersConfig(
    WorkersCount? Count = null, string? Replace = null, bool? Standby = null, long? HeartbeatTimeoutMs = null);

/// <summary>Holds the section "limits".</summary>
/// <param name="MemoryMaxBytes">The resident memory past which a worker is replaced, in bytes, or null.</param>
/// <param name="OpenFilesMax">How many descriptors a worker may have open, or null.</param>
/// <param name="User">The user it runs as, or null.</param>
/// <param name="Group">The group it runs as, or null.</param>
/// <param name="Nice">Its priority, or null.</param>
/// <param name="Umask">Its file mode mask in octal, such as "0027", or null.</param>
/// <param name="WorkingDirectory">The folder it starts in, or null.</param>
public sealed record LimitsConfig(
    long? MemoryMaxBytes = null,
    long? OpenFilesMax = null,
    string? User = null,
    string? Group = null,
    long? Nice = null,
    string? Umask = null,
    string? WorkingDirectory = null);

/// <summary>Holds the section "drain".</summary>
/// <param name="TimeoutMs">The time to drain, in milliseconds, or null.</param>
public sealed record DrainConfig(long? TimeoutMs = null);

/// <summary>Holds the section "stop".</summary>
/// <param name="Signal">The signal's name without SIG, or null.</param>
/// <param name="TimeoutMs">The time to end after the signal, in milliseconds, or null.</param>
public sealed record StopConfig(string? Signal = null, long? TimeoutMs = null);

/// <summary>Holds the section "probation".</summary>
/// <param name="DurationMs">The length of probation, in milliseconds, or null.</param>
/// <param name="ModulesMs">The same after a module's move, or null.</param>
public sealed record ProbationConfig(long? DurationMs = null, long? ModulesMs = null);

/// <summary>Holds the section "state".</summary>
/// <param name="FreezeMsMax">How long writers may wait at the switch, in milliseconds, or null.</param>
public sealed record StateConfig(long? FreezeMsMax = null);

/// <summary>Holds the section "restart".</summary>
/// <param name="DelayMinMs">The wait after the first crash, in milliseconds, or null.</param>
/// <param name="DelayMaxMs">The longest wait, in milliseconds, or null.</param>
/// <param name="CrashesMax">How many crashes within the window make the supervisor give up, or null.</param>
/// <param name="WindowMs">How far back crashes count, in milliseconds, or null.</param>
public sealed record RestartConfig(
    long? DelayMinMs = null, long? DelayMaxMs = null, long? CrashesMax = null, long? WindowMs = null);

/// <summary>Holds the section "prepare".</summary>
/// <param name="WaitMs">How long prepared workers wait, in milliseconds, or null.</param>
public sealed record PrepareConfig(long? WaitMs = null);

/// <summary>Holds the section "upgrade".</summary>
/// <param name="TimeoutMs">The time until a new program is in charge, in milliseconds, or null.</param>
public sealed record UpgradeConfig(long? TimeoutMs = null);

/// <summary>Holds the section "releases".</summary>
/// <param name="Keep">How many releases are kept, or null.</param>
public sealed record ReleasesConfig(long? Keep = null);

/// <summary>Holds the section "logs".</summary>
/// <param name="SizeMaxBytes">The size at which the log is rotated, in bytes, or null.</param>
/// <param name="FilesMax">How many log files are kept, or null.</param>
/// <param name="RotateEveryMs">The age at which the log is rotated, in milliseconds, or null.</param>
/// <param name="Compress">Whether rotated files are compressed, or null.</param>
/// <param name="QueueMaxBytes">How much waits for a stuck disk, in bytes, or null.</param>
public sealed record LogsConfig(
    long? SizeMaxBytes = null,
    long? FilesMax = null,
    long? RotateEveryMs = null,
    bool? Compress = null,
    long? QueueMaxBytes = null);

/// <summary>Holds the section "metrics".</summary>
/// <param name="Listen">The URL of the metrics endpoint, or null.</param>
public sealed record MetricsConfig(string? Listen = null);
