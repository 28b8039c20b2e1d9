// Whether a worker that was started under one configuration is what another one would start.

using Midstream.Core.Configuration;

namespace Midstream.Core.Reserves;

/// <summary>
/// Compares what of a configuration is in a worker from its start: what it was started with, and what it was proven by. What only
/// says how long something may take, or what happens to a worker later, does not count.
/// </summary>
public static class WorkerMould
{
    /// <summary>Says whether two configurations make the same worker of a release.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">The other.</param>
    /// <returns>True when a worker of the one will do for the other. The sockets themselves are not compared, only their
    /// addresses.</returns>
    public static bool IsSame(ServiceModel first, ServiceModel second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return ReferenceEquals(first, second) || (IsStartedTheSame(first, second) && IsProvenTheSame(first, second));
    }

    private static bool IsStartedTheSame(ServiceModel first, ServiceModel second) =>
        first.Name == second.Name
        && first.Inject == second.Inject
        && (first.Command ?? []).SequenceEqual(second.Command ?? [])
        && first.Listen.SequenceEqual(second.Listen)
        && HasSame(first.Environment, second.Environment)
        && first.Limits with { MemoryMaxBytes = null } == second.Limits with { MemoryMaxBytes = null };

    private static bool IsProvenTheSame(ServiceModel first, ServiceModel second) =>
        first.Ready.Http == second.Ready.Http
        && first.Health?.Path == second.Health?.Path
        && first.WarmUp.Count == second.WarmUp.Count
        && first.WarmUp.Zip(second.WarmUp).All(pair => IsSame(pair.First, pair.Second));

    private static bool IsSame(WarmUpRequest first, WarmUpRequest second) =>
        HasSame(first.Headers, second.Headers) && first with { Headers = second.Headers } == second;

    private static bool HasSame(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second) =>
        first.Count == second.Count
        && first.All(entry => second.TryGetValue(entry.Key, out var value) && value == entry.Value);
}
