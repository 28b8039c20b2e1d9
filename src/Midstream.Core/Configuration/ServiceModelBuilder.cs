// Merges the file with the command line, which wins, fills in the defaults, and lets nothing through that is wrong.

namespace Midstream.Core.Configuration;

/// <summary>Makes the <see cref="ServiceModel"/> of a service. Stateless, so safe from any thread.</summary>
public static class ServiceModelBuilder
{
    /// <summary>Merges what the file and the command line say.</summary>
    /// <param name="config">What the file says; null when there is none. It is checked again, wherever it comes from.</param>
    /// <param name="overrides">What the command line says.</param>
    /// <returns>The service, or every mistake: those of the file first.</returns>
    public static ModelResult Build(ServiceConfig? config, CommandLineOverrides overrides)
    {
        ServiceConfig said = config ?? new ServiceConfig();
        var inFile = new ConfigErrors(said.FileName, said.Positions);
        var onCommandLine = new ConfigErrors(ConfigError.CommandLine, new Dictionary<string, ConfigPosition>());

        ServiceConfigValidator.Check(said, inFile);
        string name = NameFrom(said, overrides, onCommandLine);
        ServiceConfigValidator.CheckCommand("command", overrides.Command, onCommandLine);
        if (overrides.PidFile is { } pidFile && !TextRules.AbsoluteFile.Accepts(pidFile))
            onCommandLine.Add("--pid-file", $"\"{pidFile}\" cannot be used here; {TextRules.AbsoluteFile.Advice}.");
        IReadOnlyList<ListenSocket> listen = ListenFrom(said, overrides, inFile, onCommandLine);
        CheckHttp(said, listen, inFile);
        IReadOnlyList<ListenSocket> metrics = MetricsListen.Resolve(said.Metrics?.Listen, listen, inFile);

        WorkersCount? count = CountFrom(overrides, onCommandLine);

        ConfigError[] errors = [.. inFile.InOrder(), .. onCommandLine.InOrder()];
        return errors.Length > 0
            ? new ModelResult { Errors = errors }
            : new ModelResult
            {
                Model = ModelOf(said, name, overrides.Command ?? said.Command, listen, metrics, count) with
                {
                    PidFile = overrides.PidFile ?? said.PidFile,
                },
                Errors = [],
            };
    }

    private static string NameFrom(ServiceConfig config, CommandLineOverrides overrides, ConfigErrors errors)
    {
        string name = overrides.Name ?? config.Name ?? overrides.DefaultName ?? ServiceDefaults.Name;
        if (config.Name != name && !ServiceName.IsValid(name))
            errors.Add("--name", $"\"{name}\" cannot name a service; {TextRules.ServiceName.Advice}.");

        return name;
    }

    private static WorkersCount? CountFrom(CommandLineOverrides overrides, ConfigErrors errors)
    {
        if (overrides.Workers is not { } said)
            return null;
        if (WorkersCount.TryParse(said) is { } count)
            return count;

        errors.Add("--workers", $"\"{said}\" is no number of workers; write 1 to 1024, or auto.");
        return null;
    }

    private static IReadOnlyList<ListenSocket> ListenFrom(
        ServiceConfig config, CommandLineOverrides overrides, ConfigErrors inFile, ConfigErrors onCommandLine)
    {
        if (overrides.Listen.Count > 0)
        {
            ListenConfig[] entries = [.. overrides.Listen.Select(url => new ListenConfig(url))];
            return ListenResolver.Resolve(entries, index => $"--listen {entries[index].Url}", onCommandLine);
        }

        IReadOnlyList<ListenConfig> said = config.Listen ?? [new ListenConfig(ServiceDefaults.ListenUrl)];
        return ListenResolver.Resolve(said, index => $"listen[{index}]", inFile);
    }

    // What is asked over HTTP needs an address where HTTP is spoken.
    private static void CheckHttp(ServiceConfig config, IReadOnlyList<ListenSocket> listen, ConfigErrors errors)
    {
        if (listen.Count == 0 || !listen.All(socket => socket.IsDatagram))
            return;

        (string Key, bool IsSaid)[] asking =
            [("health", config.Health is not null), ("warm_up", config.WarmUp is { Count: > 0 }),
                ("ready.http", config.Ready?.Http is not null)];
        foreach ((string key, _) in asking.Where(one => one.IsSaid))
            errors.Add(key, "This asks over HTTP, and there are only datagram sockets; listen on an http:// address as well.");
    }

    // Lists and maps are copied, so that whoever made the config cannot change the model.
    private static ServiceModel ModelOf(
        ServiceConfig config,
        string name,
        IReadOnlyList<string>? command,
        IReadOnlyList<ListenSocket> listen,
        IReadOnlyList<ListenSocket> metrics,
        WorkersCount? count) => new()
    {
        Name = name,
        Command = command?.ToArray(),
        Listen = listen,
        Environment = new Dictionary<string, string>(config.Environment ?? new Dictionary<string, string>()),
        Inject = config.Inject ?? ServiceDefaults.Inject,
        Ready = SectionModels.Of(config.Ready ?? new ReadyConfig()),
        Health = config.Health is { } health ? SectionModels.Of(health) : null,
        WarmUp = [.. (config.WarmUp ?? []).Select(SectionModels.Of)],
        Workers = SectionModels.Of((config.Workers ?? new WorkersConfig()) with { Count = count ?? config.Workers?.Count }),
        Limits = SectionModels.Of(config.Limits ?? new LimitsConfig()),
        Drain = SectionModels.Of(config.Drain ?? new DrainConfig()),
        Stop = SectionModels.Of(config.Stop ?? new StopConfig()),
        Probation = SectionModels.Of(config.Probation ?? new ProbationConfig()),
        Prepare = SectionModels.Of(config.Prepare ?? new PrepareConfig()),
        State = SectionModels.Of(config.State ?? new StateConfig()),
        Restart = SectionModels.Of(config.Restart ?? new RestartConfig()),
        Upgrade = SectionModels.Of(config.Upgrade ?? new UpgradeConfig()),
        Releases = SectionModels.Of(config.Releases ?? new ReleasesConfig()),
        Logs = SectionModels.Of(config.Logs ?? new LogsConfig()),
        Metrics = new MetricsModel { Listen = metrics },
    };
}
