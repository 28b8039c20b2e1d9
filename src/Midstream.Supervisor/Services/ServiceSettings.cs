using Midstream.Core.Configuration;

namespace Midstream.Supervisor.Services;

/// <summary>
/// What the service is configured as at the moment. A reload puts another model in its place; what is under way goes on with
/// the one it began with.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="initial">The model the supervisor was started with.</param>
internal sealed class ServiceSettings(ServiceModel initial)
{
    private volatile ServiceModel _model = initial;

    /// <summary>Gets or sets the model.</summary>
    public ServiceModel Model
    {
        get => _model;
        set => _model = value;
    }

    /// <summary>Gets the number of workers that the configuration asks for: one for each processor where it says
    /// "auto".</summary>
    public int WorkerCount => _model.Workers.Count ?? Environment.ProcessorCount;
}
