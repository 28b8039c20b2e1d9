// Who has collected and spent how much.

using Microsoft.Extensions.Hosting;
using Midstream;
using Shop.Contracts;

namespace Shop.Promotions;

public sealed class Accounts(StateDictionary<string, Balance> points)
{
    public async Task<Balance> OfAsync(string name) => (await points.GetAsync(name)).Value ?? Balance.None;

    public async Task EarnAsync(Sold sold, CancellationToken cancellation) =>
        await points.UpdateAsync(sold.Customer, old => (old.Value ?? Balance.None).Earn((long)sold.Total), cancellation);

    /// <summary>Spends points.</summary>
    /// <returns>The balance afterwards; null when there were too few, and nothing was spent.</returns>
    public async Task<Balance?> SpendAsync(string name, long count)
    {
        if (count < 1)
            return null;
        var enough = false;
        var balance = await points.UpdateAsync(name, old =>
        {
            // Called again when somebody else was faster.
            var before = old.Value ?? Balance.None;
            enough = before.Points >= count;
            return enough ? before.Spend(count) : before;
        });
        return enough ? balance : null;
    }
}

/// <summary>Writes down what customers collect.</summary>
public sealed class PointsKeeper(Accounts accounts, IModuleEvents events) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        events.Subscribe<Sold>(async (sold, stopping) => await accounts.EarnAsync(sold, stopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
