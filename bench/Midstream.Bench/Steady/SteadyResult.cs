namespace Midstream.Bench.Steady;

/// <summary>The comparison of the transport with Kestrel's own when nothing is replaced.</summary>
/// <param name="Starts">How often both servers were started.</param>
/// <param name="SecondsEach">How long one measurement was.</param>
/// <param name="LoadAverages">The machine's load average before each start.</param>
/// <param name="Rows">The rows of the table.</param>
internal sealed record SteadyResult(
    int Starts, double SecondsEach, IReadOnlyList<double> LoadAverages, IReadOnlyList<SteadyRow> Rows)
{
    /// <summary>Returns the result with another one's rows, in the places of its own of the same name.</summary>
    public SteadyResult With(SteadyResult later) => later with
    {
        Rows = [.. Rows.Where(row => !later.Rows.Any(other => other.IsOf(row))), .. later.Rows],
    };
}

/// <summary>One kind of request on one number of connections.</summary>
/// <param name="Exchange">The kind of request.</param>
/// <param name="Connections">The number of connections.</param>
/// <param name="Pairs">All measurements.</param>
internal sealed record SteadyRow(string Exchange, int Connections, IReadOnlyList<Pair> Pairs)
{
    /// <summary>Says whether another row is about the same.</summary>
    public bool IsOf(SteadyRow other) => Exchange == other.Exchange && Connections == other.Connections;
}
