// The default of every option, each named once: the option table, the models and the documentation's test all read it here.

namespace Midstream.Core.Configuration;

/// <summary>Holds the value an option has when neither midstream.json nor the command line gives one.</summary>
public static class ServiceDefaults
{
    /// <summary>The service's name when nothing names it.</summary>
    public const string Name = "app";

    /// <summary>The URL listened on when nothing names one: loopback only, so that nothing is exposed by accident.</summary>
    public const string ListenUrl = "http://127.0.0.1:5000";

    /// <summary>The file mode of a Unix socket, in octal: owner and group may connect.</summary>
    public const string SocketMode = "0660";

    /// <summary>Whether Midstream's hosting part is put into .NET workers by a start-up hook.</summary>
    public const bool Inject = true;

    /// <summary>How long a new worker may take to become ready, in milliseconds.</summary>
    public const int ReadyTimeoutMs = 30_000;

    /// <summary>The path of the health check when a health section names none.</summary>
    public const string HealthPath = "/healthz";

    /// <summary>The time between two health checks, in milliseconds.</summary>
    public const int HealthIntervalMs = 1_000;

    /// <summary>How long one health check may take, in milliseconds.</summary>
    public const int HealthTimeoutMs = 2_000;

    /// <summary>How many failed health checks in a row make a worker unhealthy.</summary>
    public const int HealthFailuresMax = 3;

    /// <summary>The method of a warm-up request.</summary>
    public const string WarmUpMethod = "GET";

    /// <summary>How many times a warm-up request is sent.</summary>
    public const int WarmUpCount = 1;

    /// <summary>How many workers serve.</summary>
    public const int WorkersCount = 1;

    /// <summary>How a deployment exchanges the workers.</summary>
    public const string WorkersReplace = "one-by-one";

    /// <summary>Whether one worker more is kept warmed up.</summary>
    public const bool WorkersStandby = false;

    /// <summary>How long a worker may be silent before it counts as hung, in milliseconds.</summary>
    public const int WorkersHeartbeatTimeoutMs = 30_000;

    /// <summary>The resident memory past which a worker is replaced, in bytes: none.</summary>
    public const long LimitsMemoryMaxBytes = 0;

    /// <summary>How long an old worker may take to finish or hand over its connections, in milliseconds.</summary>
    public const int DrainTimeoutMs = 30_000;

    /// <summary>The name of the signal that asks a worker to end, without its SIG.</summary>
    public const string StopSignal = "TERM";

    /// <summary>How long a worker may take to end after the signal, in milliseconds.</summary>
    public const int StopTimeoutMs = 10_000;

    /// <summary>How long a new generation is watched after the switch, in milliseconds.</summary>
    public const int ProbationDurationMs = 10_000;

    /// <summary>How long the new generation of a module is watched at most, unless that is said, in milliseconds.</summary>
    public const int ProbationModulesMsMax = 5_000;

    /// <summary>How long prepared workers wait for their deployment, in milliseconds.</summary>
    public const int PrepareWaitMs = 900_000;

    /// <summary>How long writers of a handed-over state may wait at the switch, in milliseconds.</summary>
    public const int StateFreezeMsMax = 1000;

    /// <summary>How long a new program of the supervisor may take to be in charge, in milliseconds.</summary>
    public const int UpgradeTimeoutMs = 30_000;

    /// <summary>The wait before the first restart after a crash, in milliseconds.</summary>
    public const int RestartDelayMinMs = 100;

    /// <summary>The longest wait before a restart, in milliseconds.</summary>
    public const int RestartDelayMaxMs = 30_000;

    /// <summary>How many crashes within the window make the supervisor give up.</summary>
    public const int RestartCrashesMax = 5;

    /// <summary>How far back crashes are counted, in milliseconds.</summary>
    public const int RestartWindowMs = 60_000;

    /// <summary>How many releases are kept.</summary>
    public const int ReleasesKeep = 10;

    /// <summary>The size at which the log file is rotated, in bytes.</summary>
    public const long LogsSizeMaxBytes = 16_777_216;

    /// <summary>How many log files are kept, the current one included.</summary>
    public const int LogsFilesMax = 5;

    /// <summary>The age at which the log file is rotated, in milliseconds; 0 for never.</summary>
    public const int LogsRotateEveryMs = 0;

    /// <summary>Whether rotated log files are compressed.</summary>
    public const bool LogsCompress = false;

    /// <summary>How much output waits for a disk that is stuck, in bytes.</summary>
    public const int LogsQueueMaxBytes = 33_554_432;
}
