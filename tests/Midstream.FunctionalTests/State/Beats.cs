using System.Globalization;

namespace Midstream.FunctionalTests.State;

/// <summary>What the singular services of all generations have written down.</summary>
internal sealed class Beats
{
    private readonly List<(long Generation, long AtMs)> _ticks = [];

    private Beats(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (line.Split(' ') is ["tick", _, var generation, var at])
                _ticks.Add((Number(generation), Number(at)));
        }
    }

    public static Beats Read(string file) => new(File.ReadAllLines(file));

    /// <summary>Fails the test unless one generation ran at a time: none comes back once another has begun.</summary>
    /// <returns>The generations, in their order.</returns>
    public IReadOnlyList<long> AssertOneAtATime()
    {
        var inOrder = _ticks.OrderBy(tick => tick.AtMs).Select(tick => tick.Generation).ToList();
        var changes = inOrder.Where((generation, index) => index == 0 || inOrder[index - 1] != generation).ToList();
        Assert.Equal(changes.Distinct(), changes);
        return changes;
    }

    /// <summary>Finds the longest time in which none ran.</summary>
    public long LongestGapMs() =>
        _ticks.Select(tick => tick.AtMs).Order().Zip(_ticks.Select(tick => tick.AtMs).Order().Skip(1), (a, b) => b - a).Max();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
