// The states of one generation of a module, in the order of its life.

namespace Midstream.Core.Modules;

/// <summary>Names what a generation of a module is doing.</summary>
public enum ModuleState
{
    /// <summary>It is being loaded, built, started or warmed up; no client sees it.</summary>
    Preparing,

    /// <summary>It gets a part of the requests, beside the generation that serves.</summary>
    Canary,

    /// <summary>It gets requests.</summary>
    Serving,

    /// <summary>It gets none and is kept loaded, its hosted services stopped, to take over again at once.</summary>
    Paused,

    /// <summary>It gets no new requests and finishes those it has.</summary>
    Draining,

    /// <summary>Its work, its hosted services and the module are being stopped, its services disposed of.</summary>
    Stopping,

    /// <summary>Nothing of it runs; whether it leaves the memory is being watched.</summary>
    Unloading,

    /// <summary>Its memory has been given back.</summary>
    Collected,

    /// <summary>Something keeps it in memory.</summary>
    Pinned,

    /// <summary>It was loaded for good, by its package's wish, and counts towards the slot's budget.</summary>
    Budgeted,
}
