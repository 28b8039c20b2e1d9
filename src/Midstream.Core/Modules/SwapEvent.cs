// What can happen in a phase of a swap.

namespace Midstream.Core.Modules;

/// <summary>Names what happened in a phase. The order is that of the table's columns.</summary>
public enum SwapEvent
{
    /// <summary>The phase is done.</summary>
    Succeeded,

    /// <summary>Something was thrown or refused, or the phase's time was over.</summary>
    Failed,

    /// <summary>A newer swap or a removal of the same module wants to begin, or whoever asked has gone.</summary>
    Superseded,
}
