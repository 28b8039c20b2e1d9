// What an operator says of a canary: which clients and requests go to it.

namespace Midstream.Core.Modules;

/// <summary>Names by what a client is recognised, so that it stays with the generation it has met.</summary>
public enum CanaryIdentity
{
    /// <summary>By a cookie that is set with its first answer. Clients that keep no cookies are drawn for each request.</summary>
    Cookie,

    /// <summary>By the value of <see cref="CanaryRule.IdentityHeader"/>; without it a client is not drawn.</summary>
    Header,

    /// <summary>By its address, as the application sees it: all clients behind one proxy are one.</summary>
    Address,
}

/// <summary>Names where a request says to which tenant it belongs.</summary>
public enum TenantSource
{
    /// <summary>The host name it was sent to, without the port.</summary>
    Host,

    /// <summary>A header.</summary>
    Header,

    /// <summary>A claim of the user. Authentication has to come before the modules: place them by <c>UseModules</c>.</summary>
    Claim,
}

/// <summary>A header or cookie by which a request itself says where it goes.</summary>
/// <param name="Name">The header's or cookie's name.</param>
/// <param name="Value">The value that means the canary. The value <c>current</c> means the generation that serves; any other
/// says nothing.</param>
public sealed record CanaryMark(string Name, string Value = "canary");

/// <summary>The tenants whose requests go to a canary.</summary>
/// <param name="Source">Where a request says its tenant.</param>
/// <param name="Name">The header's name or the claim's type; not used for a host.</param>
/// <param name="Values">The tenants; letters' case does not matter.</param>
public sealed record CanaryTenants(TenantSource Source, string? Name, IReadOnlyList<string> Values);

/// <summary>Says which requests go to a canary. Immutable. In this order: what <see cref="Header"/> says, what
/// <see cref="Cookie"/> says, <see cref="Tenants"/>, and for everybody else the share of <see cref="Percent"/>.</summary>
public sealed record CanaryRule
{
    /// <summary>The most characters that the tenants of a rule have together: it goes with every description of its
    /// module.</summary>
    public const int TenantsLengthMax = 8 * 1024;

    /// <summary>The value of a mark that means the generation that serves.</summary>
    public const string Current = "current";

    /// <summary>Gets the share of the clients that are not named otherwise; 0 to 100, in steps of 0.01, default 0.</summary>
    public double Percent { get; init; }

    /// <summary>Gets by what a client is recognised, for the share.</summary>
    public CanaryIdentity Identity { get; init; }

    /// <summary>Gets the header that names the client; null unless <see cref="Identity"/> is a header.</summary>
    public string? IdentityHeader { get; init; }

    /// <summary>Gets the header by which a request chooses; null (the default) for none.</summary>
    public CanaryMark? Header { get; init; }

    /// <summary>Gets the cookie by which a request chooses; null (the default) for none.</summary>
    public CanaryMark? Cookie { get; init; }

    /// <summary>Gets the tenants that go to the canary; null (the default) for none.</summary>
    public CanaryTenants? Tenants { get; init; }

    /// <summary>Tells whether two rules say the same.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">The other.</param>
    public static bool IsSame(CanaryRule first, CanaryRule second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        // A list is equal to no other one.
        return first with { Tenants = null } == second with { Tenants = null }
            && (first.Tenants?.Values ?? []).SequenceEqual(second.Tenants?.Values ?? [])
            && (first.Tenants?.Source, first.Tenants?.Name) == (second.Tenants?.Source, second.Tenants?.Name);
    }

    /// <summary>Finds all that is wrong with the rule.</summary>
    /// <returns>One text for each mistake; empty when there is none.</returns>
    public IReadOnlyList<string> FindMistakes()
    {
        var mistakes = new List<string>();
        if (!(Percent >= 0 && Percent <= 100))
            mistakes.Add($"percent: {Percent} is out of range; write 0 to 100.");
        if (!Enum.IsDefined(Identity))
            mistakes.Add("identity: write cookie, header or address.");
        if (Identity == CanaryIdentity.Header != IsName(IdentityHeader))
            mistakes.Add("identity_header: name a header with the identity header, and only then.");
        AddMistakes(mistakes, "header", Header);
        AddMistakes(mistakes, "cookie", Cookie);
        if (Tenants is { } tenants)
            AddMistakes(mistakes, tenants);
        return mistakes;
    }

    private static void AddMistakes(List<string> mistakes, string member, CanaryMark? mark)
    {
        if (mark is null)
            return;
        if (!IsName(mark.Name))
            mistakes.Add($"{member}: \"{mark.Name}\" is no name; write letters, digits and - _ . alone.");
        if (string.IsNullOrEmpty(mark.Value) || mark.Value == Current)
            mistakes.Add($"{member}: the value that means the canary cannot be \"{mark.Value}\".");
    }

    private static void AddMistakes(List<string> mistakes, CanaryTenants tenants)
    {
        if (!Enum.IsDefined(tenants.Source))
            mistakes.Add("tenants: their source is host, header or claim.");
        if (tenants.Source == TenantSource.Header && !IsName(tenants.Name))
            mistakes.Add("tenants: name the header that names the tenant.");
        if (tenants.Source == TenantSource.Claim && string.IsNullOrEmpty(tenants.Name))
            mistakes.Add("tenants: name the type of the claim that names the tenant.");
        if (tenants.Values is not { Count: > 0 } || tenants.Values.Any(string.IsNullOrEmpty))
            mistakes.Add("tenants: name at least one, and none that is empty.");
        if (tenants.Values?.Sum(tenant => tenant?.Length ?? 0) is { } length and > TenantsLengthMax)
            mistakes.Add($"tenants: they have {length} characters together, and {TenantsLengthMax} may be. Name fewer, or let " +
                "the requests say by a header of your own where they go.");
    }

    private static bool IsName(string? name) => !string.IsNullOrEmpty(name)
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');
}
