using Midstream.Bench.Peers;
using Midstream.Prove;

namespace Midstream.Bench.Upgrades;

/// <summary>How long one upgrade took, from the operator's command on, as the clients and /proc saw it.</summary>
/// <param name="NewAnswersMs">Until the first answer of the new release; null when there was none.</param>
/// <param name="OldSilentMs">Until the last answer of the old release, 0 when that came before the command; null when the old
/// one never answered.</param>
/// <param name="OldGoneMs">Until no process or server of the old release was left.</param>
internal sealed record UpgradeTimes(double? NewAnswersMs, double? OldSilentMs, double OldGoneMs)
{
    /// <summary>Reads the times of a run's upgrades, of which the first went from release 1 to release 2.</summary>
    /// <param name="report">The run.</param>
    public static IReadOnlyList<UpgradeTimes> Of(ProveReport report)
    {
        var releases = report.Releases.ToDictionary(release => release.Name);
        return [.. report.Marked!.Periods.Select((period, index) => Of(
            period, releases.GetValueOrDefault(Peer.NameOf(index + 1)), releases.GetValueOrDefault(Peer.NameOf(index + 2))))];
    }

    private static UpgradeTimes Of(MarkedPeriod period, ReleaseReport? old, ReleaseReport? next) => new(
        next?.FirstSeenMs - period.FromMs,
        old is null ? null : Math.Max(0, old.LastSeenMs - period.FromMs),
        period.ToMs - period.FromMs);
}
