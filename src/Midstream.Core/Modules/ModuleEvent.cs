// What can happen to a generation of a module.

namespace Midstream.Core.Modules;

/// <summary>Names what happened to a generation. The order is that of the table's columns.</summary>
public enum ModuleEvent
{
    /// <summary>The slot's reference moved to it.</summary>
    MovedIn,

    /// <summary>A part of the slot's requests moved to it, beside the generation that serves.</summary>
    MovedBeside,

    /// <summary>The slot's reference moved away, and it is kept for a rollback.</summary>
    Kept,

    /// <summary>The slot's reference moved away, or it is kept no longer.</summary>
    MovedOut,

    /// <summary>It failed before it served, or its last request has ended, or the time for that is over.</summary>
    Ended,

    /// <summary>It is stopped, or the time for that is over.</summary>
    Stopped,

    /// <summary>The garbage collector has taken it.</summary>
    WasCollected,

    /// <summary>It was still there when the time to leave was over.</summary>
    Stayed,

    /// <summary>It was loaded so that it can never leave.</summary>
    CannotLeave,
}
