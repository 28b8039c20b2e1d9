using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Injection;

/// <summary>
/// Brings Midstream into an application that has never heard of it: every .NET host announces on a diagnostic listener that it
/// is about to be built, with the builder, and the services added then come after the application's own.
/// </summary>
/// <remarks>The event is what the framework's own test host and design-time tools rely on, for every kind of builder, the slim
/// ones included, which hosting start-up assemblies do not reach.</remarks>
internal sealed class HostBuildingListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string ListenerName = "Microsoft.Extensions.Hosting";
    private const string HostBuilding = "HostBuilding";

    /// <summary>Waits for hosts to be built, for as long as the process lives.</summary>
    public static void Subscribe() => DiagnosticListener.AllListeners.Subscribe(new HostBuildingListener());

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == ListenerName)
            value.Subscribe(this, static name => name == HostBuilding);
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is not { Key: HostBuilding, Value: IHostBuilder builder })
            return;
        builder.ConfigureServices(static services =>
        {
            // A host without a web server has no connections to hand over.
            if (services.Any(known => known.ServiceType == typeof(IServer)))
                MidstreamServices.AddTo(services);
        });
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
