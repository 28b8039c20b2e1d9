namespace Midstream;

/// <summary>A request that a new generation is sent before it serves clients. It has to be answered below 500. It must do no
/// harm when repeated; <see cref="ModuleRequest.IsWarmUp"/> tells it from a client's.</summary>
/// <param name="Path">The path and query within the module, as <c>/quote?item=7</c>.</param>
public sealed record WarmUpRequest(string Path)
{
    /// <summary>Gets the method; default GET.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>Gets the body; null (the default) for none.</summary>
    public string? Body { get; init; }

    /// <summary>Gets the type of the body; default <c>application/json</c>.</summary>
    public string ContentType { get; init; } = "application/json";
}
