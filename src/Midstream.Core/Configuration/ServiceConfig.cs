// What midstream.json says, and nothing it does not say: absent options are null.

namespace Midstream.Core.Configuration;

/// <summary>
/// Holds a configuration file's options as they were written. Null means that the file does not mention the option.
/// <see cref="ServiceModelBuilder"/> checks it again, so a config made by hand is as safe as one that was read.
/// </summary>
public sealed record ServiceConfig
{
    /// <summary>The file's name for error messages. Default "midstream.json".</summary>
    public string FileName { get; init; } = "midstream.json";

    /// <summary>
    /// Where each option stands in the file, by its path ("listen[1].mode"). Empty when the config was not read from text.
    /// </summary>
    public IReadOnlyDictionary<string, ConfigPosition> Positions { get; init; } = new Dictionary<string, ConfigPosition>();

    /// <summary>The service's name.</summary>
    public string? Name { get; init; }

    /// <summary>The worker's program and arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The file that holds the supervisor's process id.</summary>
    public string? PidFile { get; init; }

    /// <summary>What to listen on.</summary>
    public IReadOnlyList<ListenConfig>? Listen { get; init; }

    /// <summary>Environment variables added for workers.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Whether the hosting part is put into .NET workers by a start-up hook.</summary>
    public bool? Inject { get; init; }

    /// <summary>When a worker counts as ready.</summary>
    public ReadyConfig? Ready { get; init; }

    /// <summary>The health check.</summary>
    public HealthConfig? Health { get; init; }

    /// <summary>The requests a new worker answers before it takes traffic.</summary>
    public IReadOnlyList<WarmUpConfig>? WarmUp { get; init; }

    /// <summary>How many workers serve.</summary>
    public WorkersConfig? Workers { get; init; }

    /// <summary>What each worker may use.</summary>
    public LimitsConfig? Limits { get; init; }

    /// <summary>How an old worker gives up its connections.</summary>
    public DrainConfig? Drain { get; init; }

    /// <summary>How a worker is ended.</summary>
    public StopConfig? Stop { get; init; }

    /// <summary>How long a new generation is watched.</summary>
    public ProbationConfig? Probation { get; init; }

    /// <summary>How a deployment is prepared.</summary>
    public PrepareConfig? Prepare { get; init; }

    /// <summary>How the state of an application is handed over.</summary>
    public StateConfig? State { get; init; }

    /// <summary>How the supervisor's own program is replaced.</summary>
    public UpgradeConfig? Upgrade { get; init; }

    /// <summary>What happens after a crash.</summary>
    public RestartConfig? Restart { get; init; }

    /// <summary>How many releases are kept.</summary>
    public ReleasesConfig? Releases { get; init; }

    /// <summary>How the worker's output is kept.</summary>
    public LogsConfig? Logs { get; init; }

    /// <summary>The supervisor's metrics.</summary>
    public MetricsConfig? Metrics { get; init; }
}
