namespace Midstream.Bench.Modules;

/// <summary>Chooses answers by when they were under way.</summary>
internal static class Periods
{
    /// <summary>Finds the longest time of the requests of which any moment lies in a period, in milliseconds; 0 when there were
    /// none.</summary>
    public static double Longest(IEnumerable<Answer> answers, long from, long to, Func<Question, bool>? which = null) =>
        answers.Where(answer => Touches(answer, from, to) && which?.Invoke(answer.Question) != false)
            .Select(answer => answer.Ms).DefaultIfEmpty().Max();

    /// <summary>Collects the times of the requests of which any moment lies in one of the periods, smallest first.</summary>
    public static IReadOnlyList<double> Times(IEnumerable<Answer> answers, IReadOnlyList<(long From, long To)> periods) =>
        [.. answers.Where(answer => periods.Any(period => Touches(answer, period.From, period.To)))
            .Select(answer => answer.Ms).Order()];

    private static bool Touches(Answer answer, long from, long to) => answer.EndedAt >= from && answer.BegunAt <= to;
}
