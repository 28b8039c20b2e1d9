// How a swap stands.

namespace Midstream.Core.Modules;

/// <summary>Names how a swap stands or ended.</summary>
public enum SwapOutcome
{
    /// <summary>It goes on.</summary>
    InProgress,

    /// <summary>The new generation serves.</summary>
    Moved,

    /// <summary>The new generation has failed before the move; what was there serves on.</summary>
    Abandoned,

    /// <summary>A newer operation took its place before the move; what was there serves on.</summary>
    Superseded,
}
