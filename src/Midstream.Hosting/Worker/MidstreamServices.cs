using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Midstream.HandOver;
using Midstream.Hosting.Counters;
using Midstream.Hosting.Drain;
using Midstream.Hosting.Leases;
using Midstream.Hosting.Modules;
using Midstream.Hosting.Requests;
using Midstream.Hosting.State;
using Midstream.Hosting.Transport;
using Midstream.Linux;

namespace Midstream.Hosting.Worker;

/// <summary>Puts the worker's parts into an application's services.</summary>
internal static class MidstreamServices
{
    /// <summary>Adds the parts, once, and only in a process that runs under Midstream.</summary>
    /// <param name="services">The application's services.</param>
    public static void AddTo(IServiceCollection services)
    {
        if (services.Any(known => known.ServiceType == typeof(WorkerIdentity)) || WorkerIdentity.Take() is not { } worker)
            return;
        Add(services, worker);
    }

    /// <summary>Adds the parts of a worker whose identity is known.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="worker">The identity.</param>
    internal static void Add(IServiceCollection services, WorkerIdentity worker)
    {
        services.AddSingleton(worker);
        services.AddSingleton<FdPoller>();
        services.AddSingleton<EpollRegistrations>();
        services.AddSingleton(new WorkerCounters(TimeProvider.System));
        services.AddSingleton<HandOverNotice>();
        services.Replace(ServiceDescriptor.Singleton<IHandOverNotice>(
            provider => provider.GetRequiredService<HandOverNotice>()));
        services.AddSingleton<WorkerConnections>();
        services.AddSingleton<IConnectionHome>(provider => provider.GetRequiredService<WorkerConnections>());
        services.AddSingleton<MidstreamTransport>();
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<MidstreamTransport>());
        services.AddSingleton<SupervisorLink>();
        services.AddSingleton<ISupervisorLink>(provider => provider.GetRequiredService<SupervisorLink>());
        services.AddSingleton<WorkerSession>();
        services.TryAddSingleton<SingularServices>();
        MidstreamDatagramExtensions.AddReceivers(services);
        services.AddSingleton<StatePart>();
        services.AddSingleton<IWorkerPart>(provider => provider.GetRequiredService<StatePart>());
        services.AddSingleton<IWorkerPart, LeasePart>();
        services.AddSingleton<IWorkerPart, ModulePart>();

        // First to start and last to stop: the conversation goes on for as long as the application has anything to say. Then
        // what waits for state, before the application's own services.
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(
            provider => provider.GetRequiredService<WorkerSession>()));
        services.Insert(1, ServiceDescriptor.Singleton<IHostedService, StateGate>());

        services.AddSingleton<ReplacementWish>();
        services.AddSingleton<IReplacementWish>(provider => provider.GetRequiredService<ReplacementWish>());
        services.AddSingleton<WorkerReporter>();
        services.AddSingleton<IWorkerPart>(provider => provider.GetRequiredService<WorkerReporter>());
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<WorkerReporter>());

        // First, and so outermost: what other start-up filters answer by themselves must be marked as well.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, RequestMarker>());
    }
}
