using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Control.Operators;

/// <summary>The operator protocol's version, limits and JSON.</summary>
public static class OperatorProtocol
{
    /// <summary>The version that this library speaks. It changes only when an old peer could misunderstand a new one.</summary>
    public const int Version = 1;

    /// <summary>The longest request a supervisor reads, in bytes; a longer one ends the connection.</summary>
    public const int RequestMaxBytes = 64 * 1024;

    /// <summary>Writes a request as one line.</summary>
    /// <param name="request">The request.</param>
    /// <returns>JSON without a line break.</returns>
    public static string ToLine(OperatorRequest request) =>
        JsonSerializer.Serialize(request, OperatorJson.Default.OperatorRequest);

    /// <summary>Writes an event as one line.</summary>
    /// <param name="answer">The event.</param>
    /// <returns>JSON without a line break.</returns>
    public static string ToLine(OperatorEvent answer) => JsonSerializer.Serialize(answer, OperatorJson.Default.OperatorEvent);

    /// <summary>Reads a request.</summary>
    /// <param name="line">One line.</param>
    /// <returns>The request; null when the line is none that this version knows.</returns>
    public static OperatorRequest? ReadRequest(string line) => Read(line, OperatorJson.Default.OperatorRequest);

    /// <summary>Reads an event.</summary>
    /// <param name="line">One line.</param>
    /// <returns>The event; null when the line is none that this version knows.</returns>
    public static OperatorEvent? ReadEvent(string line) => Read(line, OperatorJson.Default.OperatorEvent);

    private static T? Read<T>(string line, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>The operator protocol's JSON: snake case, nothing written that is null, generated for Native AOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(OperatorRequest))]
[JsonSerializable(typeof(OperatorEvent))]
internal sealed partial class OperatorJson : JsonSerializerContext;
