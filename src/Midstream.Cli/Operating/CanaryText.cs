using System.Globalization;
using Midstream.Cli.Terminal;
using Midstream.Core.Modules;

namespace Midstream.Cli.Operating;

/// <summary>Says for people which requests go to a canary, in the order in which that is decided.</summary>
internal static class CanaryText
{
    /// <summary>Describes a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <returns>One line.</returns>
    public static string Of(CanaryRule rule)
    {
        var parts = new List<string>();
        if (rule.Header is { } header)
            parts.Add($"header {header.Name}={header.Value}");
        if (rule.Cookie is { } cookie)
            parts.Add($"cookie {cookie.Name}={cookie.Value}");
        if (rule.Tenants is { } tenants)
            parts.Add($"tenant {string.Join(", ", tenants.Values)} (by {SourceOf(tenants)})");
        if (rule.Percent > 0 || parts.Count == 0)
            parts.Add($"{rule.Percent.ToString(CultureInfo.InvariantCulture)} % of the clients (by {IdentityOf(rule)})");
        return Printable.Of(string.Join("; ", parts));
    }

    private static string SourceOf(CanaryTenants tenants) => tenants.Source switch
    {
        TenantSource.Header => $"header {tenants.Name}",
        TenantSource.Claim => $"claim {tenants.Name}",
        _ => "host",
    };

    private static string IdentityOf(CanaryRule rule) => rule.Identity switch
    {
        CanaryIdentity.Header => $"header {rule.IdentityHeader}",
        CanaryIdentity.Address => "address",
        _ => "cookie",
    };
}
