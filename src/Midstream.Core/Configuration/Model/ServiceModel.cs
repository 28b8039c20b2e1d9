// What a service is once its file and command line have been read, checked and merged: the only form the supervisor works with.

namespace Midstream.Core.Configuration;

/// <summary>
/// Describes one service, validated and immutable. <see cref="ServiceModelBuilder"/> makes it; one made by hand is not checked.
/// Lists and dictionaries compare by reference, so two models that say the same need not be equal.
/// </summary>
public sealed record ServiceModel
{
    /// <summary>The service's name: 1 to 63 of a-z, 0-9 and hyphen, not beginning with a hyphen. Default "app".</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The worker's program and arguments, never empty; null when a release or the command line is still to say it.
    /// </summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The absolute path of the file that holds the supervisor's process id; null (the default) for none.</summary>
    public string? PidFile { get; init; }

    /// <summary>The sockets the supervisor binds, in the order workers get them; at least one, their names unique.</summary>
    public required IReadOnlyList<ListenSocket> Listen { get; init; }

    /// <summary>Environment variables added for workers. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the hosting part is put into .NET workers by a start-up hook. Default true.</summary>
    public bool Inject { get; init; } = ServiceDefaults.Inject;

    /// <summary>When a worker counts as ready.</summary>
    public ReadyModel Ready { get; init; } = new();

    /// <summary>The health check; null (the default) for none.</summary>
    public HealthModel? Health { get; init; }

    /// <summary>The requests a new worker answers before it takes traffic, in order. Default none.</summary>
    public IReadOnlyList<WarmUpRequest> WarmUp { get; init; } = [];

    /// <summary>How many workers serve, and how they are replaced and watched.</summary>
    public WorkersModel Workers { get; init; } = new();

    /// <summary>What each worker may use, and as whom it runs.</summary>
    public LimitsModel Limits { get; init; } = new();

    /// <summary>How an old worker gives up its connections.</summary>
    public DrainModel Drain { get; init; } = new();

    /// <summary>How a worker is ended.</summary>
    public StopModel Stop { get; init; } = new();

    /// <summary>How long a new generation is watched before its deployment is committed.</summary>
    public ProbationModel Probation { get; init; } = new();

    /// <summary>How a deployment is prepared.</summary>
    public PrepareModel Prepare { get; init; } = new();

    /// <summary>How the state of an application is handed over.</summary>
    public StateModel State { get; init; } = new();

    /// <summary>What happens after a crash.</summary>
    public RestartModel Restart { get; init; } = new();

    /// <summary>How the supervisor's own program is replaced.</summary>
    public UpgradeModel Upgrade { get; init; } = new();

    /// <summary>How many releases are kept.</summary>
    public ReleasesModel Releases { get; init; } = new();

    /// <summary>How the worker's output is kept.</summary>
    public LogsModel Logs { get; init; } = new();

    /// <summary>Where the supervisor's metrics are read.</summary>
    public MetricsModel Metrics { get; init; } = new();
}
