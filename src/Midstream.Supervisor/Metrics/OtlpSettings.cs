using System.Globalization;

namespace Midstream.Supervisor.Metrics;

/// <summary>
/// Where metrics are pushed to, by OpenTelemetry's own variables
/// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and .../configuration/sdk-environment-variables/).
/// </summary>
/// <param name="Endpoint">The address, with its path.</param>
/// <param name="Headers">Header fields to send.</param>
/// <param name="Interval">The time between two pushes. OTEL_METRIC_EXPORT_INTERVAL, in milliseconds, default 60000.</param>
/// <param name="Timeout">How long one push may take. OTEL_EXPORTER_OTLP_TIMEOUT, in milliseconds, default 10000.</param>
internal sealed record OtlpSettings(
    Uri Endpoint, IReadOnlyList<KeyValuePair<string, string>> Headers, TimeSpan Interval, TimeSpan Timeout)
{
    private const int IntervalDefaultMs = 60_000;
    private const int TimeoutDefaultMs = 10_000;

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">Reads one; null when it is not set.</param>
    /// <param name="problem">Why nothing will be pushed although an endpoint is named; null otherwise.</param>
    /// <returns>The settings; null when nothing is to be pushed.</returns>
    public static OtlpSettings? Read(Func<string, string?> variable, out string? problem)
    {
        problem = null;
        var own = Text("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        var named = own ?? Text("OTEL_EXPORTER_OTLP_ENDPOINT");
        if (named is null || Text("OTEL_SDK_DISABLED") == "true" || (Text("OTEL_METRICS_EXPORTER") ?? "otlp") != "otlp")
            return null;

        if ((Text("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL") ?? Text("OTEL_EXPORTER_OTLP_PROTOCOL")) == "grpc")
        {
            problem = "OTEL_EXPORTER_OTLP_PROTOCOL asks for grpc, and the supervisor pushes its metrics over HTTP alone. Name " +
                "the collector's HTTP endpoint (port 4318) in OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, and http/json in " +
                "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL.";
            return null;
        }

        // The general endpoint is a base; the one for metrics is taken as it is.
        if (!Uri.TryCreate(own ?? $"{named.TrimEnd('/')}/v1/metrics", UriKind.Absolute, out var endpoint)
            || endpoint.Scheme is not ("http" or "https"))
        {
            problem = $"\"{named}\" is no http:// or https:// address to push metrics to; correct OTEL_EXPORTER_OTLP_ENDPOINT.";
            return null;
        }

        return new OtlpSettings(
            endpoint,
            HeadersOf(Text("OTEL_EXPORTER_OTLP_METRICS_HEADERS") ?? Text("OTEL_EXPORTER_OTLP_HEADERS") ?? ""),
            Time("OTEL_METRIC_EXPORT_INTERVAL", IntervalDefaultMs),
            Time("OTEL_EXPORTER_OTLP_TIMEOUT", TimeoutDefaultMs));

        string? Text(string name) => variable(name) is { Length: > 0 } text ? text : null;

        // As the specification asks, what is no number counts as not set.
        TimeSpan Time(string name, int defaultMs) => TimeSpan.FromMilliseconds(
            int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) && ms > 0 ? ms : defaultMs);
    }

    // name=value,name=value, both percent-encoded (W3C Baggage, without its properties).
    private static KeyValuePair<string, string>[] HeadersOf(string text) =>
    [
        .. text.Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .Select(pair => KeyValuePair.Create(
                Uri.UnescapeDataString(pair[0].Trim()), Uri.UnescapeDataString(pair[1].Trim()))),
    ];
}
