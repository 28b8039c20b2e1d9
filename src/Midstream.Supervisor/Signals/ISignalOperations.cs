using Midstream.Control.Operators;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.Succession;

namespace Midstream.Supervisor.Signals;

/// <summary>What signals can ask for.</summary>
internal interface ISignalOperations
{
    /// <summary>Reads the configuration again and replaces the workers.</summary>
    /// <param name="who">Who asks.</param>
    /// <returns>A result, or a refusal.</returns>
    Task<OperatorEvent> ReloadAsync(Operator who);

    /// <summary>Changes the number of workers.</summary>
    /// <param name="by">How many more; negative for fewer.</param>
    /// <param name="who">Who asks.</param>
    /// <returns>A result, or a refusal.</returns>
    Task<OperatorEvent> ScaleAsync(int by, Operator who);

    /// <summary>Makes the workers accept nothing more.</summary>
    /// <param name="who">Who asks.</param>
    /// <returns>A result, or a refusal.</returns>
    Task<OperatorEvent> PauseAsync(Operator who);

    /// <summary>Replaces the supervisor's own program.</summary>
    /// <param name="who">Who asks.</param>
    /// <returns>A refusal or a failure; null when the next program gives the answer.</returns>
    Task<OperatorEvent?> UpgradeAsync(Operator who);

    /// <summary>Opens the log's file anew. Never blocks.</summary>
    void ReopenLogs();
}

/// <summary>The operations of a real service.</summary>
/// <param name="service">Does what changes the service.</param>
/// <param name="readConfiguration">Reads the configuration for a reload.</param>
/// <param name="reopenLogs">Opens the log's file anew.</param>
/// <param name="upgrade">Replaces the supervisor's own program.</param>
internal sealed class SignalOperations(
    Service service, Func<ServiceModel> readConfiguration, Action reopenLogs, SelfUpgrade upgrade) : ISignalOperations
{
    public Task<OperatorEvent> ReloadAsync(Operator who) =>
        service.ReloadAsync(readConfiguration, who, onPhase: null, CancellationToken.None);

    public Task<OperatorEvent> ScaleAsync(int by, Operator who) =>
        service.ScaleAsync(workers => workers + by, who, onPhase: null, CancellationToken.None);

    public Task<OperatorEvent> PauseAsync(Operator who) => service.PauseAsync(who);

    public Task<OperatorEvent?> UpgradeAsync(Operator who) =>
        upgrade.RunAsync(program: null, who, onPhase: null, connection: null);

    public void ReopenLogs() => reopenLogs();
}
