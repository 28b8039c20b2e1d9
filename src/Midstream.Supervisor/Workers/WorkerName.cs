using System.Globalization;

namespace Midstream.Supervisor.Workers;

/// <summary>Names one worker of the service for as long as the service lives.</summary>
/// <param name="Generation">The generation it was started with, counted from 1.</param>
/// <param name="Slot">The slot it was started for, counted from 1; 0 when it was started for whichever needs it first.</param>
internal readonly record struct WorkerName(long Generation, int Slot)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">For example <c>g41.2</c>; null is no name.</param>
    /// <param name="name">The name; the default when there is none.</param>
    /// <returns>Whether the text is a name.</returns>
    public static bool TryParse(string? text, out WorkerName name)
    {
        name = default;
        if (text is not ['g', .. var rest] || rest.Split('.') is not [var generation, var slot]
            || !long.TryParse(generation, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !int.TryParse(slot, NumberStyles.None, CultureInfo.InvariantCulture, out var second))
            return false;
        name = new WorkerName(first, second);
        return true;
    }

    /// <summary>Writes the name as logs and files show it.</summary>
    /// <returns>For example <c>g41.2</c>: generation 41, slot 2.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"g{Generation}.{Slot}");
}
