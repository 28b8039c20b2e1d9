using System.Reflection;

namespace Midstream.Modules;

/// <summary>How the host loads and replaces modules. Every wait is bounded by one of these.</summary>
public sealed class ModulesOptions
{
    /// <summary>Gets or sets the folder with the modules that come with the application: each subfolder that holds a
    /// <c>module.json</c>. Relative to the application's content root. Null (the default) for none.</summary>
    public string? Folder { get; set; }

    /// <summary>Gets or sets where packages are kept, and the set of modules that is to be loaded; survives the process.
    /// Default: <c>midstream-modules/APPLICATION</c> in <c>$XDG_STATE_HOME</c>, or in <c>~/.local/state</c>.</summary>
    public string? DataFolder { get; set; }

    /// <summary>Gets the contract assemblies that modules share with the host, beside <c>Midstream.Abstractions</c> and the
    /// frameworks.</summary>
    public IList<Assembly> Shared { get; } = [];

    /// <summary>Gets the types of the host's singletons that modules get too. Their types have to be shared.</summary>
    public IList<Type> Lent { get; } = [];

    /// <summary>Gets or sets the longest time to read, load and build a generation; 100 ms to 10 min, default 30 s.</summary>
    public TimeSpan BuildTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the longest time to copy the state while the old generation serves; 100 ms to 1 h, default
    /// 60 s.</summary>
    public TimeSpan MigrateTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the longest time that writers of state wait at the move; 10 ms to 60 s, default 1 s. Past it the
    /// swap fails and the old generation goes on.</summary>
    public TimeSpan FreezeMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets the longest time for a start; 100 ms to 10 min, default 30 s.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the longest time for all warm-up requests together; 100 ms to 10 min, default 30 s.</summary>
    public TimeSpan WarmUpTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how often each warm-up request is sent; 1 to 100, default 3.</summary>
    public int WarmUpRepeats { get; set; } = 3;

    /// <summary>Gets or sets the longest time that requests have to end on a generation that was replaced; 0 to 24 h, default
    /// 30 s. Then they are aborted.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the longest time for a stop, and again for the disposal of services, and for aborted requests to
    /// end; 100 ms to 10 min, default 10 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how long a stopped generation may stay in memory before it is looked for what keeps it; 100 ms to
    /// 1 h, default 10 s.</summary>
    public TimeSpan UnloadTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many generations of one module may stay in memory after their end, pinned or loaded for good;
    /// 0 to 1000, default 3. One more escalates: every <see cref="IModuleEscalation"/> is told, and under <c>midstream run</c>
    /// the process asks for another in its place, which loses nothing.</summary>
    public int LeakBudget { get; set; } = 3;

    /// <summary>Gets or sets how many packages are kept beside those that serve and those that a rollback would load; 0 to 1000,
    /// default 5.</summary>
    public int KeepPackages { get; set; } = 5;

    /// <summary>Gets or sets how long the generation that was replaced is kept, paused, for a rollback without a load; 0 to 24 h,
    /// default 0: not at all. Its hosted services are stopped, and started again when it takes over. The next swap ends it
    /// sooner.</summary>
    public TimeSpan KeepPrevious { get; set; }
}
