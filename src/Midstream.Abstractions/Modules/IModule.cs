using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Midstream;

/// <summary>
/// A part of a service that is replaced while the service runs. A package holds one public class that implements it, with a
/// constructor without parameters; each load of the package is a generation and makes one object of the class.
/// <list type="bullet">
/// <item>Order: the constructor, <see cref="ConfigureServices"/>, <see cref="ConfigurePipeline"/>, <see cref="MapEndpoints"/>,
/// the import of its state, <see cref="StartAsync"/>, its hosted services, the requests of <see cref="WarmUp"/>, the move;
/// then, when a newer generation has moved in its place: <see cref="IModuleContext.Draining"/>, the end of its last request,
/// <see cref="IModuleContext.Stopping"/>, its hosted services' end, <see cref="StopAsync"/>, the disposal of its services.</item>
/// <item>Failure: whatever it throws before the move, and whatever takes longer than its time, ends this generation; the one
/// that serves never notices. What it throws afterwards is logged.</item>
/// <item>Two generations run at the same time for a moment, so both must be able to use the same database, files and
/// queues.</item>
/// <item>Everything a generation owns has to end with it, or it stays in memory: use what <see cref="IModuleContext"/> lends
/// in the place of timers, threads, clients and meters of your own.</item>
/// </list>
/// </summary>
public interface IModule
{
    /// <summary>Gets the requests that are sent through the new generation before it serves clients: one for each route
    /// makes the first client as fast as the thousandth. None if not implemented.</summary>
    IReadOnlyList<WarmUpRequest> WarmUp => [];

    /// <summary>Registers the module's services. The container is the generation's own, and is validated before use.</summary>
    /// <param name="services">The services; they hold already what the host lends: <see cref="IModuleContext"/>,
    /// <see cref="TimeProvider"/>, <see cref="HttpClient"/>, loggers, the module's configuration and the host's lent
    /// services.</param>
    /// <param name="context">What the host lends.</param>
    void ConfigureServices(IServiceCollection services, IModuleContext context)
    {
    }

    /// <summary>Adds middleware between the module's routing and its endpoints: authorisation, limits, compression. Of the
    /// host's own middleware only what comes before <c>UseModules()</c> runs, and none of it sees the module's
    /// endpoints.</summary>
    /// <param name="pipeline">The generation's pipeline.</param>
    void ConfigurePipeline(IApplicationBuilder pipeline)
    {
    }

    /// <summary>Maps the module's endpoints. The slot's path is taken off before they are matched: for a module at
    /// <c>/pricing</c>, the pattern <c>/quote</c> is <c>/pricing/quote</c> to clients. What no endpoint matches goes on to the
    /// host.</summary>
    /// <param name="endpoints">The generation's endpoints.</param>
    void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
    }

    /// <summary>Starts the module; called once, before any request. Does nothing if not implemented.</summary>
    /// <param name="services">The generation's services.</param>
    /// <param name="cancellationToken">The time for the start is over.</param>
    /// <returns>A task that ends when requests can be served.</returns>
    Task StartAsync(IServiceProvider services, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops the module; called once, after its last request. Does nothing if not implemented.</summary>
    /// <param name="cancellationToken">The time for the stop is over.</param>
    /// <returns>A task that ends when nothing runs any more.</returns>
    Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
