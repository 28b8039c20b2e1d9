// Opens connections that all behave alike, whoever asks.

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace Shop.Storage;

/// <summary>Opens connections to the shop's database. Safe to use from many threads.</summary>
public sealed class ShopDatabase(IOptions<ShopOptions> options, IHostEnvironment environment)
{
    private readonly string _connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(environment.ContentRootPath, options.Value.Database),
        ForeignKeys = true,
        // The library retries after SQLite has given up; without this it would go on for half a minute.
        DefaultTimeout = Math.Max(1, options.Value.BusyTimeoutMs / 1000),
    }.ToString();

    // synchronous = FULL: an order that was acknowledged survives a power failure, not only a crash.
    private readonly string _pragmas = $"PRAGMA busy_timeout = {options.Value.BusyTimeoutMs}; PRAGMA synchronous = FULL";

    /// <summary>Opens a pooled connection, which the caller disposes.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = _pragmas;
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
