using Microsoft.Extensions.Hosting;

namespace Midstream.Hosting.State;

/// <summary>Holds the application's start until its states are there. Registered before the application's own hosted services,
/// which start one after the other.</summary>
/// <param name="part">Imports the states.</param>
internal sealed class StateGate(StatePart part) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => part.Imported.WaitAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
