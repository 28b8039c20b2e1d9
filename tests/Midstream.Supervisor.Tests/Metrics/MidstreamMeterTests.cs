// The instruments say the same as the text, and the reference names them all.

using System.Diagnostics.Metrics;
using Midstream.Supervisor.Metrics;

namespace Midstream.Supervisor.Tests.Metrics;

public class MidstreamMeterTests
{
    [Fact]
    public void Instruments_ThatAreObserved_ReadTheTable()
    {
        using var meter = new MidstreamMeter("0.1.0", static () => Snapshots.Shop);
        using var listener = new MeterListener();
        var seen = new List<(string Name, double Value, string? Attribute)>();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == MidstreamMeter.Name)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, attributes, _) =>
            seen.Add((instrument.Name, value, attributes.Length == 0 ? null : (string?)attributes[0].Value)));
        listener.Start();
        listener.RecordObservableInstruments();

        Assert.Equal(
            from metric in MetricTable.All
            from value in metric.Read(Snapshots.Shop)
            select (metric.Name, value.Value, value.Attributes.Select(attribute => attribute.Value).FirstOrDefault()),
            seen);
    }

    [Fact]
    public void Reference_Rows_AreTheRowsOfTheTable() => Assert.Equal(
        MetricTable.All.Select(RowOf),
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "operations", "metrics.md"))
            .Where(line => line.StartsWith("| `midstream.", StringComparison.Ordinal)
                && line.Contains("| `midstream_", StringComparison.Ordinal)));

    private static string RowOf(Metric metric) =>
        $"| `{metric.Name}` | `{PrometheusText.SampleName(metric)}` | {KindOf(metric)} | `{metric.Unit}` | {metric.Meaning} |";

    private static string KindOf(Metric metric) => metric.Kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.UpDownCounter => "up-down counter",
        _ => "gauge",
    };
}
