namespace Midstream.Prove;

// A pause drawn anew each time from a range: clients that paused for the same time would fall into step with each other.

/// <summary>Describes a pause that is drawn evenly between a shortest and a longest time, both included.</summary>
/// <param name="Shortest">The shortest pause; zero or more.</param>
/// <param name="Longest">The longest pause; at least <paramref name="Shortest"/>, at most one hour.</param>
public readonly record struct PauseRange(TimeSpan Shortest, TimeSpan Longest)
{
    /// <summary>Makes a range from two numbers of milliseconds.</summary>
    /// <param name="shortest">The shortest pause in milliseconds.</param>
    /// <param name="longest">The longest pause in milliseconds.</param>
    public static PauseRange Milliseconds(double shortest, double longest) =>
        new(TimeSpan.FromMilliseconds(shortest), TimeSpan.FromMilliseconds(longest));

    internal bool IsValid => Shortest >= TimeSpan.Zero && Longest >= Shortest && Longest <= TimeSpan.FromHours(1);

    internal TimeSpan Draw(Random random) =>
        Longest == Shortest ? Shortest : Shortest + TimeSpan.FromTicks(random.NextInt64((Longest - Shortest).Ticks + 1));
}
