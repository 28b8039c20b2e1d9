// How the metrics read in OTLP's JSON encoding:
// https://github.com/open-telemetry/opentelemetry-proto, opentelemetry/proto/metrics/v1/metrics.proto. Names in lower camel case,
// 64-bit integers as texts, enumerations as numbers.

using System.Globalization;
using System.Text.Json;

namespace Midstream.Supervisor.Metrics;

/// <summary>Writes metrics as an OTLP request.</summary>
internal static class OtlpJson
{
    // AGGREGATION_TEMPORALITY_CUMULATIVE: a value replaces the one before.
    private const int Cumulative = 2;

    private const long NsPerTick = 100;

    /// <summary>Writes every metric.</summary>
    /// <param name="snapshot">The service as it is.</param>
    /// <param name="at">When that was, UTC.</param>
    /// <returns>The body of an ExportMetricsServiceRequest, in UTF-8.</returns>
    public static byte[] Write(MetricsSnapshot snapshot, DateTimeOffset at)
    {
        var time = ((at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NsPerTick).ToString(CultureInfo.InvariantCulture);
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            StartOnly(json, "resourceMetrics");
            json.WriteStartObject("resource");
            WriteAttributes(json, [("service.name", snapshot.Service), ("service.version", snapshot.Release ?? "")]);
            json.WriteEndObject();
            StartOnly(json, "scopeMetrics");
            json.WriteStartObject("scope");
            json.WriteString("name", MidstreamMeter.Name);
            json.WriteString("version", snapshot.Version);
            json.WriteEndObject();
            json.WriteStartArray("metrics");
            foreach (var metric in MetricTable.All)
                WriteMetric(json, metric, snapshot, time);
            json.WriteEndArray();
            EndOnly(json);
            EndOnly(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteMetric(Utf8JsonWriter json, Metric metric, MetricsSnapshot snapshot, string time)
    {
        json.WriteStartObject();
        json.WriteString("name", metric.Name);
        json.WriteString("unit", metric.Unit);
        json.WriteString("description", metric.Meaning);
        json.WriteStartObject(metric.Kind == MetricKind.Gauge ? "gauge" : "sum");
        if (metric.Kind != MetricKind.Gauge)
        {
            json.WriteNumber("aggregationTemporality", Cumulative);
            json.WriteBoolean("isMonotonic", metric.Kind == MetricKind.Counter);
        }

        json.WriteStartArray("dataPoints");
        foreach (var value in metric.Read(snapshot))
        {
            json.WriteStartObject();
            WriteAttributes(json, value.Attributes);
            json.WriteString("timeUnixNano", time);
            json.WriteNumber("asDouble", value.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter json, (string Name, string Value)[] attributes)
    {
        json.WriteStartArray("attributes");
        foreach (var (name, value) in attributes)
        {
            json.WriteStartObject();
            json.WriteString("key", name);
            json.WriteStartObject("value");
            json.WriteString("stringValue", value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // A list with a single object in it.
    private static void StartOnly(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteStartObject();
    }

    private static void EndOnly(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
