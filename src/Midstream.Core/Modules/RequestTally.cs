// Whether a new generation of a module fails clearly more of its requests than the one that it has replaced. Clearly: a few
// failures may be a client's doing, and a version before that failed as well is no reason to go back to it.

using System.Globalization;

namespace Midstream.Core.Modules;

/// <summary>Counts the requests of a generation, in all workers.</summary>
/// <param name="Requests">Those that were answered.</param>
/// <param name="Failed">Of these, those answered with 500 or above, or by an exception.</param>
public sealed record RequestTally(long Requests, long Failed)
{
    /// <summary>The fewest failures that count as more than chance.</summary>
    public const int FailuresMin = 5;

    /// <summary>What the share of failures may be beyond twice that of before: one in twenty.</summary>
    public const double ShareMargin = 0.05;

    /// <summary>Nothing counted.</summary>
    public static readonly RequestTally Zero = new(0, 0);

    /// <summary>Gets the share that failed, 0 to 1; 0 of none.</summary>
    public double Share => Requests == 0 ? 0 : (double)Failed / Requests;

    /// <summary>Adds two up.</summary>
    /// <param name="other">The other.</param>
    public RequestTally Plus(RequestTally other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new RequestTally(Requests + other.Requests, Failed + other.Failed);
    }

    /// <summary>Takes what was counted before away.</summary>
    /// <param name="earlier">What was counted before; no more than this.</param>
    public RequestTally Since(RequestTally earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return new RequestTally(Requests - earlier.Requests, Failed - earlier.Failed);
    }

    /// <summary>Says whether this is clearly worse.</summary>
    /// <param name="before">What the generation before has done.</param>
    public bool IsClearlyWorseThan(RequestTally before)
    {
        ArgumentNullException.ThrowIfNull(before);
        return Failed >= FailuresMin && Share > (2 * before.Share) + ShareMargin;
    }

    /// <summary>Spells it for people.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Failed} of {Requests} requests");
}
