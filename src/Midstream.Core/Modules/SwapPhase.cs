// The steps of a swap, in the order they are taken.

namespace Midstream.Core.Modules;

/// <summary>Names what a swap is doing. The order of the members is the order of the phases.</summary>
public enum SwapPhase
{
    /// <summary>The package is stored and read, and compared with what the host shares; nothing of it is loaded.</summary>
    Verify,

    /// <summary>The assembly is loaded and the module's object made.</summary>
    Load,

    /// <summary>Services and routing are built and validated.</summary>
    Build,

    /// <summary>A copy of the state is imported.</summary>
    Migrate,

    /// <summary>The module and its hosted services are started.</summary>
    Start,

    /// <summary>The module's own requests go through the new generation.</summary>
    WarmUp,

    /// <summary>The rest of the state follows, and the slot's reference moves.</summary>
    Move,

    /// <summary>The new generation serves.</summary>
    Done,
}
