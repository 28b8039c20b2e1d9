// How the metrics read in Prometheus's two text formats:
// https://prometheus.io/docs/instrumenting/exposition_formats/ (0.0.4) and
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md (1.0.0); names are made of OpenTelemetry's as
// https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/ says.
//
//                        | 0.0.4                | OpenMetrics
//   ---------------------+----------------------+---------------------------
//   a counter's metadata | with _total          | without _total
//   # UNIT               | -                    | where the name ends with it
//   info                 | gauge x_info         | info x
//   in HELP is escaped   | backslash, line feed | those and the double quote
//   the end              | -                    | # EOF

using System.Globalization;
using System.Text;

namespace Midstream.Supervisor.Metrics;

/// <summary>Writes metrics as text.</summary>
internal static class PrometheusText
{
    /// <summary>The content type of the format that every Prometheus reads.</summary>
    public const string PlainType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The content type of OpenMetrics.</summary>
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>Writes every metric.</summary>
    /// <param name="snapshot">The service as it is.</param>
    /// <param name="isOpenMetrics">True for OpenMetrics, false for 0.0.4.</param>
    /// <returns>The text.</returns>
    public static string Write(MetricsSnapshot snapshot, bool isOpenMetrics)
    {
        var text = new StringBuilder();
        WriteInfo(text, snapshot, isOpenMetrics);
        foreach (var metric in MetricTable.All)
            WriteMetric(text, metric, snapshot, isOpenMetrics);
        if (isOpenMetrics)
            text.Append("# EOF\n");
        return text.ToString();
    }

    /// <summary>Makes the name that a metric's samples have.</summary>
    /// <param name="metric">The metric.</param>
    /// <returns>The name, with its unit and, for a counter, <c>_total</c>.</returns>
    public static string SampleName(Metric metric) =>
        metric.Kind == MetricKind.Counter ? $"{FamilyName(metric)}_total" : FamilyName(metric);

    private static void WriteInfo(StringBuilder text, MetricsSnapshot snapshot, bool isOpenMetrics)
    {
        WriteMetadata(
            text,
            isOpenMetrics ? "midstream" : "midstream_info",
            isOpenMetrics ? "info" : "gauge",
            unit: "",
            "What runs: the service, its release and the supervisor's version.",
            isOpenMetrics);
        WriteSample(
            text, "midstream_info", snapshot.Service,
            new MetricValue(1, ("release", snapshot.Release ?? ""), ("version", snapshot.Version)));
    }

    private static void WriteMetric(StringBuilder text, Metric metric, MetricsSnapshot snapshot, bool isOpenMetrics)
    {
        WriteMetadata(
            text,
            isOpenMetrics ? FamilyName(metric) : SampleName(metric),
            metric.Kind == MetricKind.Counter ? "counter" : "gauge",
            UnitName(metric),
            metric.Meaning,
            isOpenMetrics);
        foreach (var value in metric.Read(snapshot))
            WriteSample(text, SampleName(metric), snapshot.Service, value);
    }

    private static void WriteMetadata(
        StringBuilder text, string name, string type, string unit, string meaning, bool isOpenMetrics)
    {
        text.Append($"# HELP {name} {(isOpenMetrics ? Escape(meaning) : EscapeHelp(meaning))}\n");
        text.Append($"# TYPE {name} {type}\n");
        if (isOpenMetrics && unit.Length > 0)
            text.Append($"# UNIT {name} {unit}\n");
    }

    private static void WriteSample(StringBuilder text, string name, string service, MetricValue value)
    {
        text.Append($"{name}{{service=\"{Escape(service)}\"");
        foreach (var (attribute, content) in value.Attributes)
            text.Append($",{LabelName(attribute)}=\"{Escape(content)}\"");
        text.Append(CultureInfo.InvariantCulture, $"}} {value.Value}\n");
    }

    private static string FamilyName(Metric metric) =>
        metric.Name.Replace('.', '_') + (UnitName(metric) is { Length: > 0 } unit ? $"_{unit}" : "");

    // What is in braces is a note, no unit.
    private static string UnitName(Metric metric) => metric.Unit switch
    {
        "s" => "seconds",
        "By" => "bytes",
        _ => "",
    };

    // Our own attributes lose their prefix: the metric's name has it.
    private static string LabelName(string attribute) => attribute switch
    {
        MetricTable.WorkerAttribute => "worker",
        MetricTable.RungAttribute => "rung",
        _ => attribute.Replace('.', '_'),
    };

    private static string EscapeHelp(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Escape(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}
