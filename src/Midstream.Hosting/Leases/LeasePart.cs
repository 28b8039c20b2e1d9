using Microsoft.Extensions.Hosting;
using Midstream.Control.Workers;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting.Leases;

/// <summary>The lease of the singular services in the conversation with the supervisor. A worker keeps it until it is revoked,
/// also when its supervisor is gone.</summary>
internal sealed class LeasePart(
    SingularServices services, ISupervisorLink supervisor, IHostApplicationLifetime application) : IWorkerPart
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Capabilities => services.Exist ? [WorkerCapabilities.Lease] : [];

    /// <inheritdoc/>
    public HelloMessage Complete(HelloMessage hello) => services.Exist ? hello with { HoldsLease = services.Run } : hello;

    /// <inheritdoc/>
    public ValueTask<bool> TryHandleAsync(ReceivedWorkerMessage received, CancellationToken cancellationToken)
    {
        switch (received.Message)
        {
            case GrantLeaseMessage:
                _ = TakeAsync();
                return ValueTask.FromResult(true);
            case RevokeLeaseMessage revoke:
                _ = ReleaseAsync(TimeSpan.FromMilliseconds(revoke.TimeoutMs));
                return ValueTask.FromResult(true);
            default:
                return ValueTask.FromResult(false);
        }
    }

    private async Task TakeAsync()
    {
        var fault = application.ApplicationStopping.IsCancellationRequested
            ? "The application is stopping."
            : await services.StartAsync(application.ApplicationStopping);
        await supervisor.SayAsync(new LeaseTakenMessage(fault));
    }

    private async Task ReleaseAsync(TimeSpan timeout) =>
        await supervisor.SayAsync(new LeaseReleasedMessage(await services.StopAsync(timeout)));
}
