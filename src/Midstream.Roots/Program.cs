// Midstream.Roots PID TIME_MAX_MS CONTEXT...: attaches to a .NET process, looks for what keeps the load contexts of these names
// in memory, and writes a line as it begins and then a RootReport, one line of JSON. The process stands still meanwhile.
// `midstream module explain --attach` runs it.

using System.Globalization;

namespace Midstream.Roots;

internal static class Program
{
    private static int Main(string[] args)
    {
        if (args.Length < 3 || !TryParse(args[0], out var pid) || !TryParse(args[1], out var timeMaxMs))
        {
            Console.Error.WriteLine("Usage: Midstream.Roots PID TIME_MAX_MS CONTEXT...");
            return 2;
        }

        // Whoever has started it counts the time from here.
        Console.WriteLine("attaching");
        var report = Attachment.Examine(pid, TimeSpan.FromMilliseconds(timeMaxMs), args[2..]);
        Console.WriteLine(report.ToJson());
        return report.Problem is null ? 0 : 1;
    }

    private static bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
