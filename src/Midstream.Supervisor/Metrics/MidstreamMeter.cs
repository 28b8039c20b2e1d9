using System.Diagnostics.Metrics;

namespace Midstream.Supervisor.Metrics;

/// <summary>
/// The metrics as instruments of <see cref="Meter"/>, for who embeds the supervisor and for exporters in its process. All are
/// observable: nothing is measured until somebody listens.
/// </summary>
internal sealed class MidstreamMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Midstream";

    private readonly Meter _meter;

    /// <summary>Makes the instruments.</summary>
    /// <param name="version">The supervisor's version.</param>
    /// <param name="read">Reads the service as it is; called by whoever listens, on its thread, once for each instrument.</param>
    public MidstreamMeter(string version, Func<MetricsSnapshot> read)
    {
        _meter = new Meter(Name, version);
        foreach (var metric in MetricTable.All)
            Make(metric, () => metric.Read(read()).Select(ToMeasurement));
    }

    public void Dispose() => _meter.Dispose();

    private void Make(Metric metric, Func<IEnumerable<Measurement<double>>> observe)
    {
        switch (metric.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(metric.Name, observe, metric.Unit, metric.Meaning);
                break;
            case MetricKind.UpDownCounter:
                _meter.CreateObservableUpDownCounter(metric.Name, observe, metric.Unit, metric.Meaning);
                break;
            default:
                _meter.CreateObservableGauge(metric.Name, observe, metric.Unit, metric.Meaning);
                break;
        }
    }

    private static Measurement<double> ToMeasurement(MetricValue value) => new(
        value.Value,
        value.Attributes.Select(attribute => new KeyValuePair<string, object?>(attribute.Name, attribute.Value)));
}
