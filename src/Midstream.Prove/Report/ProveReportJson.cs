using System.Text.Json.Serialization;

namespace Midstream.Prove;

// The report's JSON form, generated at build time because native compilation leaves no reflection.
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProveReport))]
internal sealed partial class ProveReportJson : JsonSerializerContext;
