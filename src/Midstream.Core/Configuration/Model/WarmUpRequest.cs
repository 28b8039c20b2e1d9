// One request a new worker answers before it takes traffic.

namespace Midstream.Core.Configuration;

/// <summary>
/// Describes a request sent to a new worker so that its first user does not wait for cold caches and uncompiled code.
/// </summary>
public sealed record WarmUpRequest
{
    /// <summary>The HTTP method, sent as written. Default "GET".</summary>
    public string Method { get; init; } = ServiceDefaults.WarmUpMethod;

    /// <summary>The path and query, beginning with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>Header fields added to the request. Names compare without case. Default empty.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body, sent as UTF-8; null (the default) for none.</summary>
    public string? Body { get; init; }

    /// <summary>How many times the request is sent. 1 to 10000, default 1.</summary>
    public int Count { get; init; } = ServiceDefaults.WarmUpCount;
}
