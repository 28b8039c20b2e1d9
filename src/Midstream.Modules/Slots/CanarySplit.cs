using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Midstream.Core.Modules;

namespace Midstream.Modules.Slots;

/// <summary>A canary's rule, readied for requests: reads of each only what the rule asks for, and allocates nothing but for a
/// claim and for a client that has to be given its cookie. Immutable.</summary>
internal sealed class CanarySplit
{
    /// <summary>The cookie by which a client is recognised. Of all modules and canaries: it says who, not where to.</summary>
    public const string ClientCookie = "midstream-client";

    private const int AddressLengthMax = 16;

    private readonly ulong _seed;
    private readonly int _limit;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _tenants;

    public CanarySplit(CanaryRule rule, string module, string package)
    {
        Rule = rule;
        _seed = CanaryDecision.SeedOf(module, package);
        _limit = CanaryDecision.LimitOf(rule.Percent);
        _tenants = (rule.Tenants?.Values ?? []).ToFrozenSet(StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public CanaryRule Rule { get; }

    /// <summary>Decides whether a request goes to the canary.</summary>
    public bool TakesCanary(HttpContext context)
    {
        var header = Rule.Header is { } named ? CanaryDecision.WordOf(HeaderOf(context, named.Name), named) : default;
        var cookie = Rule.Cookie is { } kept ? CanaryDecision.WordOf(CookieOf(context, kept.Name), kept) : default;
        var isListed = Rule.Tenants is { } tenants && _tenants.Contains(TenantOf(context, tenants));
        // Last, and only when it matters: a client that is not drawn gets no cookie.
        var isInShare = header == CanaryWord.Nothing && cookie == CanaryWord.Nothing && !isListed && IsInShare(context);
        return CanaryDecision.GoesToCanary(header, cookie, isListed, isInShare);
    }

    private bool IsInShare(HttpContext context) => _limit switch
    {
        <= 0 => false,
        >= CanaryDecision.Buckets when Rule.Identity != CanaryIdentity.Header => true,
        _ => Rule.Identity switch
        {
            CanaryIdentity.Address => IsAddressInShare(context),
            CanaryIdentity.Header => HeaderOf(context, Rule.IdentityHeader!) is { IsEmpty: false } client && IsInShare(client),
            _ => IsInShare(ClientOf(context)),
        },
    };

    private bool IsInShare(ReadOnlySpan<char> client) => CanaryDecision.BucketOf(_seed, client) < _limit;

    private bool IsAddressInShare(HttpContext context)
    {
        Span<byte> bytes = stackalloc byte[AddressLengthMax];
        return context.Connection.RemoteIpAddress is { } address && address.TryWriteBytes(bytes, out var length)
            // An IPv4 client is the same one on a listener of both families.
            && CanaryDecision.BucketOf(_seed, bytes[(address.IsIPv4MappedToIPv6 ? 12 : 0)..length]) < _limit;
    }

    private static ReadOnlySpan<char> ClientOf(HttpContext context)
    {
        var known = CookieOf(context, ClientCookie);
        if (!known.IsEmpty)
            return known;
        // No secret: whoever makes up another is only drawn anew.
        var client = Random.Shared.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
        context.Response.Headers.Append(
            "Set-Cookie", $"{ClientCookie}={client}; path=/; max-age=2592000; samesite=lax; httponly");
        return client;
    }

    private static ReadOnlySpan<char> TenantOf(HttpContext context, CanaryTenants tenants) => tenants.Source switch
    {
        TenantSource.Host => HostOf(context.Request.Host.Value),
        TenantSource.Header => HeaderOf(context, tenants.Name!),
        _ => context.User.FindFirst(tenants.Name!)?.Value,
    };

    // HostString.Host would make a text of it for each request that names a port.
    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }

    private static ReadOnlySpan<char> HeaderOf(HttpContext context, string name) =>
        context.Request.Headers.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : default;

    // The framework's collection of cookies is made anew for each request.
    private static ReadOnlySpan<char> CookieOf(HttpContext context, string name)
    {
        var headers = context.Request.Headers.Cookie;
        for (var i = 0; i < headers.Count; i++)
        {
            var rest = headers[i].AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim();
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                    return pair[(name.Length + 1)..];
                rest = end < 0 ? default : rest[(end + 1)..];
            }
        }

        return default;
    }
}
