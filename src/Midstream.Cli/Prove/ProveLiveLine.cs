using System.Globalization;
using Midstream.Cli.Terminal;
using Midstream.Prove;

namespace Midstream.Cli.Prove;

// One line on a terminal's standard error that says how the run is going. The run reports four times a second and not more.
internal sealed class ProveLiveLine(TextWriter terminal) : IProgress<ProveSnapshot>
{
    private const string EraseLine = "\r\e[K";
    private const int ReleasesShown = 3;
    private const int UnknownWidth = 80;
    private readonly Lock _lock = new();
    private bool _cleared;

    public static ProveLiveLine? ForStandardError(bool quiet) =>
        quiet || Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") is "dumb" or null
            ? null
            : new ProveLiveLine(Console.Error);

    public void Report(ProveSnapshot value)
    {
        lock (_lock)
        {
            if (!_cleared)
                terminal.Write(EraseLine + Text(value, WidthOf()));
        }
    }

    // Takes the line away for good, so that the report begins on an empty one.
    public void Clear()
    {
        lock (_lock)
        {
            _cleared = true;
            terminal.Write(EraseLine);
        }
    }

    internal static string Text(ProveSnapshot snapshot, int width)
    {
        var bad = snapshot.Lost + snapshot.Wrong;
        var releases = string.Join(" ", snapshot.Releases.TakeLast(ReleasesShown));
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{snapshot.Elapsed.TotalSeconds:0}s  {snapshot.Requests:N0} requests  {bad:N0} lost or wrong")
            + string.Create(CultureInfo.InvariantCulture, $"  {snapshot.RequestsPerSecond:N0}/s");
        if (releases.Length > 0)
            text += $"  releases: {releases}";
        if (snapshot.Stopping)
            text += "  finishing";
        return Printable.Of(text.Length < width ? text : text[..(width - 1)]);
    }

    private static int WidthOf()
    {
        try
        {
            return Console.WindowWidth > 0 ? Math.Clamp(Console.WindowWidth, 20, 200) : UnknownWidth;
        }
        catch (IOException)
        {
            // A terminal that does not tell its size.
            return UnknownWidth;
        }
    }
}
