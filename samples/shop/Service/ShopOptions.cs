// What an operator configures, in the section "Shop".

namespace Shop;

/// <summary>Holds the settings of the service.</summary>
public sealed class ShopOptions
{
    /// <summary>The configuration section these settings are read from.</summary>
    public const string Section = "Shop";

    /// <summary>Gets or sets the database file. A relative path starts at the content root. Default: <c>shop.db</c>.</summary>
    public string Database { get; set; } = "shop.db";

    /// <summary>
    /// Gets or sets how long a write waits for another process to finish its own, in milliseconds.
    /// Range: 100 to 60,000. Default: 5,000.
    /// </summary>
    public int BusyTimeoutMs { get; set; } = 5_000;

    internal bool IsValid() => !string.IsNullOrWhiteSpace(Database) && BusyTimeoutMs is >= 100 and <= 60_000;
}
