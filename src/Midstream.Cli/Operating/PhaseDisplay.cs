using System.Globalization;
using Midstream.Cli.Terminal;
using Midstream.Control.Operators;

namespace Midstream.Cli.Operating;

/// <summary>
/// Shows on standard error how an operation gets on: a line a phase with the elapsed time; on a terminal the phase under way
/// stands in a line that is written over.
/// </summary>
/// <param name="isTerminal">Whether standard error is a terminal.</param>
/// <param name="paint">The colours.</param>
internal sealed class PhaseDisplay(bool isTerminal, Paint paint)
{
    private PhaseEvent? _current;

    /// <summary>A phase begins.</summary>
    /// <param name="phase">The phase.</param>
    public void Show(PhaseEvent phase)
    {
        Finish(phase.ElapsedMs);
        _current = phase;
        if (isTerminal)
            Console.Error.Write($"\r{paint.Dim("…")} {Describe(phase)}\e[K");
    }

    /// <summary>The operation has ended.</summary>
    /// <param name="elapsedMs">Since its beginning, in milliseconds.</param>
    public void Finish(long elapsedMs)
    {
        if (_current is not { } phase)
            return;
        var line = $"{Seconds(elapsedMs),8} {paint.Good("✓")} {Describe(phase)}";
        Console.Error.WriteLine(isTerminal ? $"\r{line}\e[K" : line);
        _current = null;
    }

    /// <summary>The operation has failed in its present phase.</summary>
    /// <param name="elapsedMs">Since its beginning, in milliseconds.</param>
    public void Fail(long elapsedMs)
    {
        if (_current is not { } phase)
            return;
        var line = $"{Seconds(elapsedMs),8} {paint.Bad("✗")} {Describe(phase)}";
        Console.Error.WriteLine(isTerminal ? $"\r{line}\e[K" : line);
        _current = null;
    }

    private static string Describe(PhaseEvent phase) =>
        phase.Detail is null ? phase.Phase : $"{phase.Phase,-10} {Printable.Of(phase.Detail)}";

    private static string Seconds(long milliseconds) => (milliseconds / 1000.0).ToString("0.000 s", CultureInfo.InvariantCulture);
}
