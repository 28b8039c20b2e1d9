// Checks what a config's values say: ranges, spellings, and options that must agree with one another.

namespace Midstream.Core.Configuration;

/// <summary>Checks the values of a <see cref="ServiceConfig"/>, whether it was read from a file or made by hand.</summary>
internal sealed class ServiceConfigValidator
{
    // Midstream itself sets these for workers; a second value would break the hand-over of sockets.
    private static readonly string[] s_reservedVariables =
        ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "MIDSTREAM_WORKER", "MIDSTREAM_SERVICE",
            "MIDSTREAM_RELEASE", "MIDSTREAM_GENERATION"];

    // The length and the end of a message are the sender's business.
    private static readonly string[] s_reservedHeaders = ["Content-Length", "Transfer-Encoding", "Connection"];

    private readonly ConfigErrors _errors;

    private ServiceConfigValidator(ConfigErrors errors) => _errors = errors;

    /// <summary>Checks a config and adds what is wrong.</summary>
    public static void Check(ServiceConfig config, ConfigErrors errors)
    {
        var validator = new ServiceConfigValidator(errors);
        validator.CheckText("name", config.Name);
        validator.CheckCommand("command", config.Command);
        validator.CheckText("pid_file", config.PidFile);
        validator.CheckListen(config.Listen);
        validator.CheckEnvironment(config.Environment);
        validator.CheckWorker(config);
        validator.CheckWarmUp(config.WarmUp ?? []);
        validator.CheckWorkers(config.Workers);
        validator.CheckLimits(config.Limits);
        validator.CheckBounds(config);
        validator.CheckRestart(config.Restart);
    }

    /// <summary>Checks a worker's command, from wherever it comes.</summary>
    /// <param name="path">What the errors call it.</param>
    /// <param name="command">The command; null is right.</param>
    /// <param name="errors">Where to add what is wrong.</param>
    public static void CheckCommand(string path, IReadOnlyList<string>? command, ConfigErrors errors) =>
        new ServiceConfigValidator(errors).CheckCommand(path, command);

    private void CheckCommand(string path, IReadOnlyList<string>? command)
    {
        if (command is null)
            return;

        if (command.Count == 0)
            _errors.Add(path, "The command is empty; name the program to run, such as [\"dotnet\", \"Shop.dll\"].");

        for (int i = 0; i < command.Count; i++)
            CheckRule($"{path}[{i}]", command[i], i == 0 ? TextRules.Program : TextRules.NoNul);
    }

    private void CheckListen(IReadOnlyList<ListenConfig>? listen)
    {
        if (listen is null)
            return;

        if (listen.Count == 0)
            _errors.Add("listen", $"The list is empty; name a URL (\"{ServiceDefaults.ListenUrl}\") or leave the key out.");

        ListenResolver.Resolve(listen, index => $"listen[{index}]", _errors);
    }

    private void CheckEnvironment(IReadOnlyDictionary<string, string>? environment)
    {
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            string path = $"environment.{name}";
            CheckRule(path, name, TextRules.VariableName);
            CheckRule(path, value, TextRules.NoNul);
            if (s_reservedVariables.Contains(name))
                _errors.Add(path, "Midstream sets this variable for workers itself; leave it out.");
        }
    }

    private void CheckWorker(ServiceConfig config)
    {
        CheckText("ready.http", config.Ready?.Http);
        CheckRange("ready.timeout_ms", config.Ready?.TimeoutMs);
        CheckText("health.path", config.Health?.Path);
        CheckRange("health.interval_ms", config.Health?.IntervalMs);
        CheckRange("health.timeout_ms", config.Health?.TimeoutMs);
        CheckRange("health.failures_max", config.Health?.FailuresMax);
        CheckText("stop.signal", config.Stop?.Signal);
        CheckRange("stop.timeout_ms", config.Stop?.TimeoutMs);
    }

    private void CheckWorkers(WorkersConfig? workers)
    {
        CheckRange("workers.count", workers?.Count?.Number);
        CheckText("workers.replace", workers?.Replace);
        CheckRange("workers.heartbeat_timeout_ms", workers?.HeartbeatTimeoutMs);
    }

    private void CheckLimits(LimitsConfig? limits)
    {
        CheckRange("limits.memory_max_bytes", limits?.MemoryMaxBytes);
        CheckRange("limits.open_files_max", limits?.OpenFilesMax);
        CheckText("limits.user", limits?.User);
        CheckText("limits.group", limits?.Group);
        CheckRange("limits.nice", limits?.Nice);
        CheckText("limits.umask", limits?.Umask);
        CheckText("limits.working_directory", limits?.WorkingDirectory);
    }

    private void CheckBounds(ServiceConfig config)
    {
        CheckRange("drain.timeout_ms", config.Drain?.TimeoutMs);
        CheckRange("probation.duration_ms", config.Probation?.DurationMs);
        CheckRange("probation.modules_ms", config.Probation?.ModulesMs);
        CheckRange("state.freeze_ms_max", config.State?.FreezeMsMax);
        CheckRange("prepare.wait_ms", config.Prepare?.WaitMs);
        CheckRange("upgrade.timeout_ms", config.Upgrade?.TimeoutMs);
        CheckRange("releases.keep", config.Releases?.Keep);
        CheckRange("logs.size_max_bytes", config.Logs?.SizeMaxBytes);
        CheckRange("logs.files_max", config.Logs?.FilesMax);
        CheckRange("logs.rotate_every_ms", config.Logs?.RotateEveryMs);
        CheckRange("logs.queue_max_bytes", config.Logs?.QueueMaxBytes);
    }

    private void CheckRestart(RestartConfig? restart)
    {
        bool inRange = CheckRange("restart.delay_min_ms", restart?.DelayMinMs)
            & CheckRange("restart.delay_max_ms", restart?.DelayMaxMs);
        CheckRange("restart.crashes_max", restart?.CrashesMax);
        CheckRange("restart.window_ms", restart?.WindowMs);

        long min = restart?.DelayMinMs ?? ServiceDefaults.RestartDelayMinMs;
        long max = restart?.DelayMaxMs ?? ServiceDefaults.RestartDelayMaxMs;
        if (!inRange || min <= max)
            return;

        // The error belongs to what the user wrote; with both written, to the one that is meant to be the larger.
        string path = restart?.DelayMaxMs is null ? "restart.delay_min_ms" : "restart.delay_max_ms";
        _errors.Add(path, $"restart.delay_min_ms ({min}) is longer than restart.delay_max_ms ({max}); change one of them.");
    }

    private void CheckWarmUp(IReadOnlyList<WarmUpConfig> requests)
    {
        for (int i = 0; i < requests.Count; i++)
        {
            string path = $"warm_up[{i}]";
            CheckText("warm_up[].path", requests[i].Path, _errors.Knows($"{path}.path") ? $"{path}.path" : path);
            CheckText("warm_up[].method", requests[i].Method, $"{path}.method");
            CheckRange("warm_up[].count", requests[i].Count, $"{path}.count");
            CheckHeaders($"{path}.headers", requests[i].Headers ?? new Dictionary<string, string>());
        }
    }

    private void CheckHeaders(string path, IReadOnlyDictionary<string, string> headers)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in headers)
        {
            CheckRule($"{path}.{name}", name, TextRules.Token);
            CheckRule($"{path}.{name}", value, TextRules.HeaderValue);
            if (!seen.Add(name))
                _errors.Add($"{path}.{name}", "This header is here twice, for names compare without case; keep one of them.");
            if (s_reservedHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
                _errors.Add($"{path}.{name}", "Midstream writes this header itself; leave it out.");
        }
    }

    private void CheckText(string key, string? text, string? path = null)
    {
        ConfigOption option = ConfigOptions.Get(key);
        if (text is null)
            return;

        if (option.Rule is { } rule)
            CheckRule(path ?? key, text, rule);
        if (option.Choices is { } choices && !choices.Contains(text))
            _errors.Add(path ?? key, $"\"{text}\" is not one of the choices; write {string.Join(", ", choices)}.");
    }

    private void CheckRule(string path, string text, TextRule rule)
    {
        if (!rule.Accepts(text))
            _errors.Add(path, $"\"{text}\" cannot be used here; {rule.Advice}.");
    }

    private bool CheckRange(string key, long? value, string? path = null)
    {
        ConfigOption option = ConfigOptions.Get(key);
        if (value is null || (value >= option.Min && value <= option.Max))
            return true;

        _errors.Add(path ?? key, $"{value} is out of range; write {option.Min} to {option.Max} {option.Unit}.");
        return false;
    }
}
