using Midstream.Core.Configuration;

namespace Midstream.Supervisor;

/// <summary>What a supervisor is started with.</summary>
public sealed record SupervisorOptions
{
    /// <summary>Gets the service's configuration, validated.</summary>
    public required ServiceModel Service { get; init; }

    /// <summary>Gets what reads the configuration again for a reload: returns it validated, or throws a
    /// <see cref="SupervisorException"/> (<see cref="SupervisorFailure.ConfigurationInvalid"/>) that says what is wrong. By
    /// default the configuration stays as it is.</summary>
    public Func<ServiceModel>? ReadConfiguration { get; init; }

    /// <summary>Gets the root under which the service's state directory lies.</summary>
    public required string StateRoot { get; init; }

    /// <summary>Gets the folder of the first release. Null to start what served last. A folder whose content the store
    /// knows does not override what was deployed after it.</summary>
    public string? Folder { get; init; }

    /// <summary>Gets whether the supervisor's input is a terminal, which sends SIGWINCH whenever its window changes its size; the
    /// signal is ignored then. False by default.</summary>
    public bool InputIsTerminal { get; init; }
}
