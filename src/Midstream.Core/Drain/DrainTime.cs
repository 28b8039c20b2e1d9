// How much of a drain's time is left, as far as the ladder cares.

namespace Midstream.Core.Drain;

/// <summary>Names the parts of a drain's time.</summary>
public enum DrainTime
{
    /// <summary>There is time: whatever is under way may end by itself.</summary>
    Running,

    /// <summary>The end is near: what stands idle and could not be told by a response is ended while that can be done
    /// gently.</summary>
    LastCall,

    /// <summary>The time is over.</summary>
    Over,
}
