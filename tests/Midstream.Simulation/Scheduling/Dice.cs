// All chance of a history, from its seed (SplitMix64).

namespace Midstream.Simulation.Scheduling;

internal sealed class Dice(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15 + 0x1234567;

    /// <summary>Gets a number from 0 to <paramref name="below"/> - 1.</summary>
    internal int Below(int below) => (int)(Next() % (ulong)below);

    internal bool OneIn(int times) => Below(times) == 0;

    internal T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>Gets a time up to a maximum; short ones are as likely as long ones.</summary>
    internal TimeSpan Within(TimeSpan max)
    {
        var scale = Below(4);
        var ticks = max.Ticks >> (3 * scale);
        return new TimeSpan(ticks <= 0 ? 0 : (long)(Next() % (ulong)ticks));
    }

    private ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
