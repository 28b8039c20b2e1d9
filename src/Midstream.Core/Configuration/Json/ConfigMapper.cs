// Takes the values out of a file's tree. What is missing or of the wrong kind becomes null: the shape was checked before.

namespace Midstream.Core.Configuration;

/// <summary>Makes a <see cref="ServiceConfig"/> of a tree.</summary>
internal static class ConfigMapper
{
    /// <summary>Takes what a file says.</summary>
    public static ServiceConfig Map(ConfigNode root) => new()
    {
        Name = Text(root, "name"),
        Command = root.Find("command", ConfigNodeKind.List)?.Items.Select(item => item.Text).ToArray(),
        PidFile = Text(root, "pid_file"),
        Listen = root.Find("listen", ConfigNodeKind.List)?.Items.Select(Listen).ToArray(),
        Environment = Map(root, "environment"),
        Inject = root.Find("inject", ConfigNodeKind.Boolean)?.IsTrue,
        Ready = Section(root, "ready", ready => new ReadyConfig(Text(ready, "http"), Integer(ready, "timeout_ms"))),
        Health = Section(root, "health", Health),
        WarmUp = root.Find("warm_up", ConfigNodeKind.List)?.Items.Select(WarmUp).ToArray(),
        Workers = Section(root, "workers", Workers),
        Limits = Section(root, "limits", Limits),
        Drain = Section(root, "drain", drain => new DrainConfig(Integer(drain, "timeout_ms"))),
        Stop = Section(root, "stop", stop => new StopConfig(Text(stop, "signal"), Integer(stop, "timeout_ms"))),
        Probation = Section(root, "probation", probation => new ProbationConfig(
            Integer(probation, "duration_ms"), Integer(probation, "modules_ms"))),
        Prepare = Section(root, "prepare", prepare => new PrepareConfig(Integer(prepare, "wait_ms"))),
        State = Section(root, "state", state => new StateConfig(Integer(state, "freeze_ms_max"))),
        Restart = Section(root, "restart", Restart),
        Upgrade = Section(root, "upgrade", upgrade => new UpgradeConfig(Integer(upgrade, "timeout_ms"))),
        Releases = Section(root, "releases", releases => new ReleasesConfig(Integer(releases, "keep"))),
        Logs = Section(root, "logs", Logs),
        Metrics = Section(root, "metrics", metrics => new MetricsConfig(Text(metrics, "listen"))),
    };

    private static ListenConfig Listen(ConfigNode item) => item.Kind == ConfigNodeKind.Section
        ? new ListenConfig(Text(item, "url") ?? "", Text(item, "name"), Text(item, "mode"), Text(item, "owner"))
        : new ListenConfig(item.Text);

    private static WarmUpConfig WarmUp(ConfigNode item) => item.Kind == ConfigNodeKind.Section
        ? new WarmUpConfig(
            Text(item, "path") ?? "", Text(item, "method"), Map(item, "headers"), Text(item, "body"), Integer(item, "count"))
        : new WarmUpConfig(item.Text);

    private static WorkersConfig Workers(ConfigNode workers) => new(
        WorkersCountOf(workers),
        Text(workers, "replace"),
        workers.Find("standby", ConfigNodeKind.Boolean)?.IsTrue,
        Integer(workers, "heartbeat_timeout_ms"));

    private static WorkersCount? WorkersCountOf(ConfigNode workers) =>
        Text(workers, "count") is not null ? WorkersCount.PerProcessor
        : Integer(workers, "count") is { } count ? new WorkersCount(count) : null;

    private static LimitsConfig Limits(ConfigNode limits) => new(
        Integer(limits, "memory_max_bytes"),
        Integer(limits, "open_files_max"),
        Text(limits, "user"),
        Text(limits, "group"),
        Integer(limits, "nice"),
        Text(limits, "umask"),
        Text(limits, "working_directory"));

    private static HealthConfig Health(ConfigNode health) => new(
        Text(health, "path"), Integer(health, "interval_ms"), Integer(health, "timeout_ms"), Integer(health, "failures_max"));

    private static RestartConfig Restart(ConfigNode restart) => new(
        Integer(restart, "delay_min_ms"),
        Integer(restart, "delay_max_ms"),
        Integer(restart, "crashes_max"),
        Integer(restart, "window_ms"));

    private static LogsConfig Logs(ConfigNode logs) => new(
        Integer(logs, "size_max_bytes"),
        Integer(logs, "files_max"),
        Integer(logs, "rotate_every_ms"),
        logs.Find("compress", ConfigNodeKind.Boolean)?.IsTrue,
        Integer(logs, "queue_max_bytes"));

    private static string? Text(ConfigNode section, string name) => section.Find(name, ConfigNodeKind.Text)?.Text;

    private static long? Integer(ConfigNode section, string name) => section.Find(name, ConfigNodeKind.Number)?.Integer;

    private static T? Section<T>(ConfigNode root, string name, Func<ConfigNode, T> map)
        where T : class => root.Find(name, ConfigNodeKind.Section) is { } section ? map(section) : null;

    private static Dictionary<string, string>? Map(ConfigNode section, string name) =>
        section.Find(name, ConfigNodeKind.Section)?.Members
            .DistinctBy(member => member.Name)
            .ToDictionary(member => member.Name, member => member.Value.Text);
}
