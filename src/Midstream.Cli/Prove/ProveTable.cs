using System.Globalization;
using System.Text;
using Midstream.Cli.Terminal;
using Midstream.Prove;

namespace Midstream.Cli.Prove;

// The report for people, at most 100 columns wide: the answer first, then by kind, then what went wrong.
internal sealed class ProveTable(ProveReport report, Paint paint)
{
    private const int Width = 100;
    private const int ChangesShown = 20;
    private const string Header =
        "kind           clients    answered    lost   wrong      p50      p90      p99    p99.9      max";

    private readonly StringBuilder _text = new();

    public static string Render(ProveReport report, Paint paint) => new ProveTable(report, paint).Render();

    private string Render()
    {
        Headline();
        Kinds();
        Losses();
        Connections();
        Releases();
        Failures();
        return _text.ToString();
    }

    private void Headline()
    {
        var seconds = report.DurationMs / 1000;
        var verb = report.EndedEarly ? "ended early after" : "in";
        var rate = report.Requests / Math.Max(seconds, 0.001);
        Line($"{Printable.Of(report.Url)}: {report.Requests:N0} requests {verb} {seconds:0.0} s ({rate:N0}/s)");
        Line(report.NothingLost
            ? paint.Good("No request was lost or answered wrongly.")
            : paint.Bad($"{report.Lost:N0} requests were lost, {report.Wrong:N0} were answered wrongly."));
        if (report.Connections.Unsolicited > 0)
            Line(paint.Bad($"{report.Connections.Unsolicited:N0} idle connections held bytes nobody had asked for."));
    }

    private void Kinds()
    {
        Line("");
        Line(paint.Dim(Header));
        foreach (var kind in report.Kinds)
            Row(ClientKinds.NameOf(kind.Kind), kind.Clients, kind.Outcomes, kind.Latency);
        if (report.Kinds.Count > 1)
            Row("all", report.Kinds.Sum(kind => kind.Clients), report.Outcomes, report.Latency);
    }

    private void Row(string name, int clients, OutcomeCounts outcomes, LatencyQuantiles latency) => Line(
        $"{name,-14} {clients,7} {outcomes.Answered,11:N0} {Bad(outcomes.Lost)} {Bad(outcomes.Wrong)} "
        + $"{Ms(latency.P50Ms)} {Ms(latency.P90Ms)} {Ms(latency.P99Ms)} {Ms(latency.P999Ms)} {Ms(latency.MaxMs)}");

    private string Bad(long count)
    {
        var text = count.ToString("N0", CultureInfo.InvariantCulture).PadLeft(7);
        return count == 0 ? text : paint.Bad(text);
    }

    private static string Ms(double milliseconds) => DurationText.OfMilliseconds(milliseconds).PadLeft(8);

    private void Losses()
    {
        var outcomes = report.Outcomes;
        (string Name, long Count)[] classes =
        [
            ("no connection could be opened", outcomes.LostConnectFailed),
            ("connection ended before the first byte of the response", outcomes.LostNoResponse),
            ("connection ended inside the response", outcomes.LostTruncated),
            ("no complete response in time", outcomes.LostTimeout),
            ("pipelined and never answered", outcomes.LostUnanswered),
            ("wrong status", outcomes.WrongStatus),
            ("wrong body", outcomes.WrongBody),
            ("answer to another request", outcomes.WrongId),
            ("malformed response", outcomes.Malformed),
        ];
        if (classes.All(c => c.Count == 0))
            return;
        Line("");
        foreach (var (name, count) in classes.Where(c => c.Count > 0))
            Line($"{paint.Bad(count.ToString("N0", CultureInfo.InvariantCulture).PadLeft(11))}  {name}");
    }

    private void Connections()
    {
        var connections = report.Connections;
        Line("");
        Line($"connections: {connections.Opened:N0} opened; "
            + $"{connections.Survived:N0} of {connections.OpenedAtBeginning:N0} survived the run");
        Line($"closed by the server: {connections.AnnouncedCloses:N0} announced, "
            + $"{connections.UnannouncedCloses:N0} unannounced while idle, {connections.ClosesUnderRequest:N0} under a request");
        if (report.Outcomes.NotSent > 0)
            Line($"not sent because the connection was seen to be closed: {report.Outcomes.NotSent:N0}");
    }

    private void Releases()
    {
        if (report.Releases.Count == 0)
            return;
        Line("");
        foreach (var release in report.Releases)
        {
            Line($"release {Cut(Printable.Of(release.Name), 40)}: {release.Answers:N0} answers, "
                + $"{Moment(release.FirstSeenMs)} to {Moment(release.LastSeenMs)}");
        }
        if (report.UnnamedAnswers > 0)
            Line($"no release named: {report.UnnamedAnswers:N0} answers");
        foreach (var change in report.ReleaseChanges.Take(ChangesShown))
            Line($"at {Moment(change.FirstMs)}: {Cut(Printable.Of(change.From), 24)} -> {Cut(Printable.Of(change.To), 24)}"
                + $" within {DurationText.OfMilliseconds(change.LastMs - change.FirstMs)} ({change.Clients:N0} clients)");
        if (report.ReleaseChanges.Count > ChangesShown)
            Line($"... and {report.ReleaseChanges.Count - ChangesShown:N0} changes more (--json lists them)");
    }

    private void Failures()
    {
        if (report.Failures.Count == 0)
            return;
        Line("");
        foreach (var failure in report.Failures)
        {
            var port = failure.LocalPort == 0 ? "" : $", port {failure.LocalPort}, its request {failure.OnConnection}";
            var release = failure.LastRelease is null ? "" : $", after {Cut(Printable.Of(failure.LastRelease), 24)}";
            Line($"#{failure.Request} {ClientKinds.NameOf(failure.Kind)} at {Moment(failure.AtMs)}{port}{release}");
            Line($"    {Cut(failure.What, Width - 4)}");
        }
        if (report.FailuresNotDescribed > 0)
            Line($"... and {report.FailuresNotDescribed:N0} failures more");
    }

    private static string Moment(double milliseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.000} s");

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";

    private void Line(string text) => _text.Append(text).Append('\n');
}
