// The service is healthy when it can read an order: without its database it can do nothing useful.

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Storage;

internal sealed class DatabaseHealthCheck(ShopDatabase database) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            using var connection = database.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT number FROM orders LIMIT 1";
            command.ExecuteScalar();
            return Task.FromResult(HealthCheckResult.Healthy());
        }
        catch (Exception e)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy("The database does not answer.", e));
        }
    }
}
