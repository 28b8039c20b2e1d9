using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Leases;

/// <summary>Ties the singular services to the application's life: stopped with it always, started with it only where no
/// supervisor says which worker runs them.</summary>
/// <param name="services">The services.</param>
/// <param name="options">The time the application has to stop.</param>
/// <param name="worker">Who this process is under Midstream; none elsewhere.</param>
internal sealed class SingularHost(
    SingularServices services, IOptions<HostOptions> options, IEnumerable<WorkerIdentity> worker) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (worker.Any())
            return;
        if (await services.StartAsync(cancellationToken) is { } fault)
            throw new InvalidOperationException(fault);
    }

    public Task StopAsync(CancellationToken cancellationToken) => services.StopAsync(options.Value.ShutdownTimeout);
}
