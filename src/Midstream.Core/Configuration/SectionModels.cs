// Makes each section's model of its config: defaults for what is not said, and types with units instead of numbers.

namespace Midstream.Core.Configuration;

/// <summary>Makes models of sections that were checked.</summary>
internal static class SectionModels
{
    /// <summary>Makes the model of "ready".</summary>
    public static ReadyModel Of(ReadyConfig ready) => new()
    {
        Http = ready.Http,
        Timeout = Time(ready.TimeoutMs, ServiceDefaults.ReadyTimeoutMs),
    };

    /// <summary>Makes the model of "health".</summary>
    public static HealthModel Of(HealthConfig health) => new()
    {
        Path = health.Path ?? ServiceDefaults.HealthPath,
        Interval = Time(health.IntervalMs, ServiceDefaults.HealthIntervalMs),
        Timeout = Time(health.TimeoutMs, ServiceDefaults.HealthTimeoutMs),
        FailuresMax = Count(health.FailuresMax, ServiceDefaults.HealthFailuresMax),
    };

    /// <summary>Makes the model of an entry of "warm_up".</summary>
    public static WarmUpRequest Of(WarmUpConfig request) => new()
    {
        Method = request.Method ?? ServiceDefaults.WarmUpMethod,
        Path = request.Path,
        Headers = new Dictionary<string, string>(
            request.Headers ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase),
        Body = request.Body,
        Count = Count(request.Count, ServiceDefaults.WarmUpCount),
    };

    /// <summary>Makes the model of "workers".</summary>
    public static WorkersModel Of(WorkersConfig workers) => new()
    {
        Count = (int?)(workers.Count ?? new WorkersCount(ServiceDefaults.WorkersCount)).Number,
        Replace = (workers.Replace ?? ServiceDefaults.WorkersReplace) == ServiceDefaults.WorkersReplace
            ? WorkerReplacement.OneByOne
            : WorkerReplacement.AllAtOnce,
        Standby = workers.Standby ?? ServiceDefaults.WorkersStandby,
        HeartbeatTimeout = Time(workers.HeartbeatTimeoutMs, ServiceDefaults.WorkersHeartbeatTimeoutMs),
    };

    /// <summary>Makes the model of "limits".</summary>
    public static LimitsModel Of(LimitsConfig limits) => new()
    {
        MemoryMaxBytes = limits.MemoryMaxBytes is null or 0 ? null : limits.MemoryMaxBytes,
        OpenFilesMax = (int?)limits.OpenFilesMax,
        User = limits.User,
        Group = limits.Group,
        Nice = (int?)limits.Nice,
        Umask = limits.Umask is { } umask ? (UnixFileMode)Convert.ToInt32(umask, 8) : null,
        WorkingDirectory = limits.WorkingDirectory,
    };

    /// <summary>Makes the model of "drain".</summary>
    public static DrainModel Of(DrainConfig drain) => new()
    {
        Timeout = Time(drain.TimeoutMs, ServiceDefaults.DrainTimeoutMs),
    };

    /// <summary>Makes the model of "stop".</summary>
    public static StopModel Of(StopConfig stop) => new()
    {
        Signal = SignalName.TryGetNumber(stop.Signal ?? ServiceDefaults.StopSignal, out int number) ? number : SignalName.Term,
        Timeout = Time(stop.TimeoutMs, ServiceDefaults.StopTimeoutMs),
    };

    /// <summary>Makes the model of "probation".</summary>
    public static ProbationModel Of(ProbationConfig probation) => new()
    {
        Duration = Time(probation.DurationMs, ServiceDefaults.ProbationDurationMs),
        Modules = Time(probation.ModulesMs, Math.Min(
            probation.DurationMs ?? ServiceDefaults.ProbationDurationMs, ServiceDefaults.ProbationModulesMsMax)),
    };

    /// <summary>Makes the model of "prepare".</summary>
    public static PrepareModel Of(PrepareConfig prepare) => new()
    {
        Wait = Time(prepare.WaitMs, ServiceDefaults.PrepareWaitMs),
    };

    /// <summary>Makes the model of "state".</summary>
    public static StateModel Of(StateConfig state) => new()
    {
        FreezeMax = Time(state.FreezeMsMax, ServiceDefaults.StateFreezeMsMax),
    };

    /// <summary>Makes the model of "upgrade".</summary>
    public static UpgradeModel Of(UpgradeConfig upgrade) => new()
    {
        Timeout = Time(upgrade.TimeoutMs, ServiceDefaults.UpgradeTimeoutMs),
    };

    /// <summary>Makes the model of "restart".</summary>
    public static RestartModel Of(RestartConfig restart) => new()
    {
        DelayMin = Time(restart.DelayMinMs, ServiceDefaults.RestartDelayMinMs),
        DelayMax = Time(restart.DelayMaxMs, ServiceDefaults.RestartDelayMaxMs),
        CrashesMax = Count(restart.CrashesMax, ServiceDefaults.RestartCrashesMax),
        Window = Time(restart.WindowMs, ServiceDefaults.RestartWindowMs),
    };

    /// <summary>Makes the model of "releases".</summary>
    public static ReleasesModel Of(ReleasesConfig releases) => new()
    {
        Keep = Count(releases.Keep, ServiceDefaults.ReleasesKeep),
    };

    /// <summary>Makes the model of "logs".</summary>
    public static LogsModel Of(LogsConfig logs) => new()
    {
        SizeMaxBytes = logs.SizeMaxBytes ?? ServiceDefaults.LogsSizeMaxBytes,
        FilesMax = Count(logs.FilesMax, ServiceDefaults.LogsFilesMax),
        RotateEvery = Time(logs.RotateEveryMs, ServiceDefaults.LogsRotateEveryMs),
        Compress = logs.Compress ?? ServiceDefaults.LogsCompress,
        QueueMaxBytes = Count(logs.QueueMaxBytes, ServiceDefaults.LogsQueueMaxBytes),
    };

    private static TimeSpan Time(long? milliseconds, long defaultMs) => TimeSpan.FromMilliseconds(milliseconds ?? defaultMs);

    private static int Count(long? count, int defaultCount) => (int)(count ?? defaultCount);
}
