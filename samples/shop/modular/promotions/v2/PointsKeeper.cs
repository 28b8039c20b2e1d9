// Writes down what customers collect.

using Microsoft.Extensions.Hosting;
using Midstream;
using Shop.Contracts;

namespace Shop.Promotions;

public sealed class PointsKeeper(StateDictionary<string, Balance> points, IModuleEvents events) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Ends with the generation; no event goes to two generations.
        events.Subscribe<Sold>(KeepAsync);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async ValueTask KeepAsync(Sold sold, CancellationToken stopping) =>
        await points.UpdateAsync(sold.Customer, old => Add(old.Value ?? new Balance(0, 0), sold), stopping);

    private static Balance Add(Balance old, Sold sold) => new(old.Purchases + 1, old.Points + (long)sold.Total);
}
