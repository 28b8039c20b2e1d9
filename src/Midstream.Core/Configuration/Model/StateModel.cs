// How the state of an application goes from one generation to the next.

namespace Midstream.Core.Configuration;

/// <summary>Bounds what clients may notice of a hand-over of state.</summary>
public sealed record StateModel
{
    /// <summary>The longest time that writers wait at the switch. 1 ms to 24 h, default 1 s.</summary>
    public TimeSpan FreezeMax { get; init; } = TimeSpan.FromMilliseconds(ServiceDefaults.StateFreezeMsMax);
}
