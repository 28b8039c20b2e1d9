namespace Midstream.Supervisor.Metrics;

/// <summary>What a metric's value does.</summary>
internal enum MetricKind
{
    /// <summary>Only grows; a smaller value means that counting began anew.</summary>
    Counter,

    /// <summary>A number of things there are now, of which a sum over workers or services makes sense.</summary>
    UpDownCounter,

    /// <summary>A measure of now, of which it does not.</summary>
    Gauge,
}

/// <summary>One value of a metric.</summary>
/// <param name="Value">The value.</param>
/// <param name="Attributes">What tells it from the metric's other values.</param>
internal readonly record struct MetricValue(double Value, params (string Name, string Value)[] Attributes);

/// <summary>Describes one metric and reads it.</summary>
/// <param name="Name">Its name, by OpenTelemetry's conventions: lower case, dots between the parts, no unit.</param>
/// <param name="Unit">Its unit, in UCUM as OpenTelemetry wants it: <c>s</c>, <c>By</c>, or what it counts in braces.</param>
/// <param name="Kind">What its value does.</param>
/// <param name="Meaning">What it means, as a sentence.</param>
/// <param name="Read">Takes its values out of a snapshot.</param>
internal sealed record Metric(
    string Name, string Unit, MetricKind Kind, string Meaning, Func<MetricsSnapshot, IEnumerable<MetricValue>> Read);
