// Brings the schema to what this version needs, before the first request, while older versions may be serving from it.

using Microsoft.Data.Sqlite;

namespace Shop.Storage;

internal sealed partial class Migrator(ShopDatabase database, ShopVersion version, ILogger<Migrator> logger)
    : IHostedLifecycleService
{
    // "Starting" comes before any hosted service is started, and so before Kestrel listens.
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Apply();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Apply()
    {
        using var connection = database.Open();
        // Persistent, and must be outside a transaction. Readers do not block the writer, nor the writer readers.
        Execute(connection, "PRAGMA journal_mode = WAL");

        using var transaction = connection.BeginTransaction(deferred: false);
        var current = (long)Execute(connection, "PRAGMA user_version")!;
        // A schema that is newer than this version is left alone: see Migration.
        foreach (var migration in version.Migrations.Where(migration => migration.Number > current))
        {
            Execute(connection, migration.Sql);
            Execute(connection, $"PRAGMA user_version = {migration.Number}");
            LogMigrated(migration.Number, migration.Name);
        }

        transaction.Commit();
    }

    private static object? Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        // The statements are constants of this program.
#pragma warning disable CA2100
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    [LoggerMessage(1, LogLevel.Information, "Schema step {Number} applied: {Name}")]
    private partial void LogMigrated(int number, string name);
}
