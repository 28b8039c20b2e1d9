using System.Text.Json.Serialization;

namespace Midstream.Control.Workers;

/// <summary>The worker protocol's JSON: snake case, nothing written that is null, generated for Native AOT.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    AllowOutOfOrderMetadataProperties = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(WorkerMessage))]
[JsonSerializable(typeof(WorkerEnvironment))]
internal sealed partial class WorkerJson : JsonSerializerContext;
