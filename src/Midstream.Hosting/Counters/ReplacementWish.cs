using Midstream.HandOver;

namespace Midstream.Hosting.Counters;

/// <summary>Tells the supervisor, with every report, that the application asks for another process in its place.</summary>
internal sealed class ReplacementWish : IReplacementWish
{
    // A report has to fit into a packet with everything else that is in it.
    private const int LengthMax = 500;

    private volatile string? _reason;

    /// <summary>Gets why; null when it does not ask.</summary>
    public string? Reason => _reason;

    /// <inheritdoc/>
    public void Ask(string reason) => _reason = reason.Length <= LengthMax ? reason : reason[..LengthMax];
}
