// The table of every option: the reader checks by it, and the schema and the reference are tested against it.

using System.Globalization;

namespace Midstream.Core.Configuration;

/// <summary>Holds the option table, in the order of the reference.</summary>
internal static class ConfigOptions
{
    private const long DayMs = 24 * 60 * 60 * 1000;

    /// <summary>Every option.</summary>
    public static IReadOnlyList<ConfigOption> All { get; } =
    [
        Text("$schema", "Where the JSON schema of this file is. Editors use it; Midstream does not."),
        Text("name", "The service's name: of its folder in the state directory, and in lists.") with
        {
            Rule = TextRules.ServiceName, Default = Quoted(ServiceDefaults.Name),
        },
        new("command", OptionType.TextList, "The worker's program and its arguments. No shell reads them.")
        {
            Rule = TextRules.NoNul,
        },
        Text("pid_file", "The file that holds the supervisor's process id while the service runs. Without it, none does.") with
        {
            Rule = TextRules.AbsoluteFile,
        },
        new("listen", OptionType.SectionList, "The sockets to bind, in the order workers get them. A string is a URL.")
        {
            Shorthand = "url", Default = $"[{Quoted(ServiceDefaults.ListenUrl)}]",
        },
        Text(
            "listen[].url",
            "The address: http://, https:// or udp://, or unix: and a path. Host names other than localhost are refused.") with
        {
            IsRequired = true,
        },
        Text(
            "listen[].name",
            "The socket's name in LISTEN_FDNAMES. Without one it is called after its scheme: http, http-2, ...") with
        {
            Rule = TextRules.SocketName,
        },
        Text("listen[].mode", "The file mode of a Unix socket, in octal.") with
        {
            Rule = TextRules.Mode, Default = Quoted(ServiceDefaults.SocketMode),
        },
        Text("listen[].owner", "The owner of a Unix socket: user:group, user or :group.") with { Rule = TextRules.Owner },
        new("environment", OptionType.TextMap, "Environment variables added for workers."),
        new("inject", OptionType.Boolean, "Whether Midstream's hosting part is put into .NET workers by a start-up hook.")
        {
            Default = ServiceDefaults.Inject ? "true" : "false",
        },
        Section("ready", "When a new worker counts as ready."),
        Text("ready.http", "The path whose success means ready, for programs that cannot say so themselves.") with
        {
            Rule = TextRules.RequestPath,
        },
        Time("ready.timeout_ms", "How long a new worker may take to become ready.", 1, ServiceDefaults.ReadyTimeoutMs),
        Section("health", "The health check. Without this section there is none; with it, even empty, there is one."),
        Text("health.path", "The path to ask.") with
        {
            Rule = TextRules.RequestPath, Default = Quoted(ServiceDefaults.HealthPath),
        },
        Time("health.interval_ms", "The time between two checks.", 10, ServiceDefaults.HealthIntervalMs),
        Time("health.timeout_ms", "How long one check may take.", 1, ServiceDefaults.HealthTimeoutMs),
        Count(
            "health.failures_max",
            "How many failures in a row make a worker unhealthy.",
            "checks", 1, 1000, ServiceDefaults.HealthFailuresMax),
        new(
            "warm_up",
            OptionType.SectionList, "The requests a new worker answers before it takes traffic. A string is a path to GET.")
        {
            Shorthand = "path",
        },
        Text("warm_up[].path", "The path and query.") with { Rule = TextRules.RequestPath, IsRequired = true },
        Text("warm_up[].method", "The HTTP method.") with
        {
            Rule = TextRules.Token, Default = Quoted(ServiceDefaults.WarmUpMethod),
        },
        new("warm_up[].headers", OptionType.TextMap, "Header fields added to the request."),
        Text("warm_up[].body", "The body, sent as UTF-8."),
        Count("warm_up[].count", "How many times the request is sent.", "requests", 1, 10_000, ServiceDefaults.WarmUpCount),
        Section("workers", "How many workers serve, and how they are replaced."),
        Count(
            "workers.count",
            "How many workers serve; \"auto\" for one per processor.",
            "workers", 1, 1024, ServiceDefaults.WorkersCount) with
        {
            Word = WorkersCount.Auto,
        },
        Text("workers.replace", "Whether a deployment exchanges the workers one after the other or all together.") with
        {
            Choices = [ServiceDefaults.WorkersReplace, "all-at-once"], Default = Quoted(ServiceDefaults.WorkersReplace),
        },
        new("workers.standby", OptionType.Boolean, "Whether one more worker is kept warmed up, to switch to at once.")
        {
            Default = ServiceDefaults.WorkersStandby ? "true" : "false",
        },
        Time(
            "workers.heartbeat_timeout_ms",
            "How long a worker may be silent before it counts as hung and is replaced; 0 for no check.",
            0, ServiceDefaults.WorkersHeartbeatTimeoutMs),
        Section("limits", "What each worker may use, and as whom it runs. What cannot be set is an error."),
        Count(
            "limits.memory_max_bytes",
            "The resident memory past which a worker is replaced gracefully; 0 for no limit.",
            "bytes", 0, 1_125_899_906_842_624, ServiceDefaults.LimitsMemoryMaxBytes),
        Number("limits.open_files_max", "How many descriptors a worker may have open.", "descriptors", 64, 1_073_741_816),
        Text("limits.user", "The user a worker runs as, by name or number.") with { Rule = TextRules.Account },
        Text("limits.group", "The group a worker runs as, by name or number. Without one it is the user's.") with
        {
            Rule = TextRules.Account,
        },
        Number("limits.nice", "A worker's priority: -20 is the highest, 19 the lowest.", "levels", -20, 19),
        Text("limits.umask", "The permissions that files made by a worker do not get, in octal.") with
        {
            Rule = TextRules.Umask,
        },
        Text("limits.working_directory", "The folder a worker starts in. Without one it is the release's copy.") with
        {
            Rule = TextRules.AbsolutePath,
        },
        Section("drain", "How an old worker gives up its connections."),
        Time("drain.timeout_ms", "The time after which connections that are left are closed.", 1, ServiceDefaults.DrainTimeoutMs),
        Section("stop", "How a worker is ended."),
        Text("stop.signal", "The signal that asks a worker to end. KILL follows by itself when the time is up.") with
        {
            Choices = SignalName.All, Default = Quoted(ServiceDefaults.StopSignal),
        },
        Time("stop.timeout_ms", "How long a worker may take to end after the signal.", 1, ServiceDefaults.StopTimeoutMs),
        Section("probation", "How long a new generation is watched before its deployment is committed."),
        Time("probation.duration_ms", "The time after the switch; 0 for no probation.", 0, ServiceDefaults.ProbationDurationMs),
        Number(
            "probation.modules_ms",
            "The time after a module's move; 0 for no probation. Without it duration_ms, but at most 5 s.",
            "ms", 0, DayMs),
        Section("prepare", "How 'midstream prepare' readies a deployment."),
        Time(
            "prepare.wait_ms",
            "How long prepared workers wait for their deployment; then they are ended.",
            1000, ServiceDefaults.PrepareWaitMs),
        Section("state", "How the state of an application is handed over."),
        Time(
            "state.freeze_ms_max",
            "How long the application's writers may wait at the switch; past it the old worker stays in charge.",
            1, ServiceDefaults.StateFreezeMsMax),
        Section("restart", "What happens after a crash."),
        Time(
            "restart.delay_min_ms",
            "The wait after the first crash; it doubles with each one.",
            1, ServiceDefaults.RestartDelayMinMs),
        Time("restart.delay_max_ms", "The longest wait.", 1, ServiceDefaults.RestartDelayMaxMs),
        Count(
            "restart.crashes_max",
            "How many crashes within the window make the supervisor give up; 1 never restarts.",
            "crashes", 1, 1000, ServiceDefaults.RestartCrashesMax),
        Time("restart.window_ms", "How far back crashes count.", 1, ServiceDefaults.RestartWindowMs),
        Section("upgrade", "How the supervisor's own program is replaced."),
        Time(
            "upgrade.timeout_ms",
            "How long a new program may take to be in charge; past it the old one is put back.",
            1000, ServiceDefaults.UpgradeTimeoutMs),
        Section("releases", "The release store."),
        Count(
            "releases.keep",
            "How many releases are kept; the current and the previous one always are.",
            "releases", 2, 1000, ServiceDefaults.ReleasesKeep),
        Section("logs", "The workers' captured output."),
        Count(
            "logs.size_max_bytes",
            "The size at which the current file is rotated.",
            "bytes", 65_536, 1_099_511_627_776, ServiceDefaults.LogsSizeMaxBytes),
        Count(
            "logs.files_max",
            "How many files are kept, the current one included.",
            "files", 1, 1000, ServiceDefaults.LogsFilesMax),
        Count(
            "logs.rotate_every_ms",
            "The age at which the current file is rotated, before its next line; 0 is never.",
            "ms", 0, 31_622_400_000, ServiceDefaults.LogsRotateEveryMs),
        new("logs.compress", OptionType.Boolean, "Whether rotated files but the newest are compressed (gzip).")
        {
            Default = ServiceDefaults.LogsCompress ? "true" : "false",
        },
        Count(
            "logs.queue_max_bytes",
            "How much output waits for a disk that is stuck before lines are dropped.",
            "bytes", 1_048_576, 1_073_741_824, ServiceDefaults.LogsQueueMaxBytes),
        Section("metrics", "The supervisor's metrics."),
        Text(
            "metrics.listen",
            "Where the supervisor answers GET /metrics: an http:// or unix: URL, as in listen. Without it, nowhere."),
    ];

    private static readonly Dictionary<string, ConfigOption> s_byKey = All.ToDictionary(option => option.Key);

    private static readonly ILookup<string, ConfigOption> s_bySection = All.ToLookup(option => option.Section);

    /// <summary>Finds an option by its key.</summary>
    /// <exception cref="KeyNotFoundException">There is no such option.</exception>
    public static ConfigOption Get(string key) => s_byKey[key];

    /// <summary>Lists the options directly in a section; the empty path is the file itself.</summary>
    public static IEnumerable<ConfigOption> In(string section) => s_bySection[section];

    private static ConfigOption Text(string key, string meaning) => new(key, OptionType.Text, meaning);

    private static ConfigOption Section(string key, string meaning) => new(key, OptionType.Section, meaning);

    private static ConfigOption Time(string key, string meaning, long min, long defaultMs) =>
        Count(key, meaning, "ms", min, DayMs, defaultMs);

    private static ConfigOption Count(string key, string meaning, string unit, long min, long max, long defaultValue) =>
        Number(key, meaning, unit, min, max) with { Default = defaultValue.ToString(CultureInfo.InvariantCulture) };

    private static ConfigOption Number(string key, string meaning, string unit, long min, long max) =>
        new(key, OptionType.Integer, meaning) { Unit = unit, Min = min, Max = max };

    private static string Quoted(string text) => $"\"{text}\"";
}
