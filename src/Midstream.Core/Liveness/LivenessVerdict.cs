// What a worker's signs of life amount to.

namespace Midstream.Core.Liveness;

/// <summary>Says how a worker is.</summary>
public enum LivenessVerdict
{
    /// <summary>There is no sign of trouble.</summary>
    Well,

    /// <summary>It works on something long, and gets other things done meanwhile: to be left alone.</summary>
    Busy,

    /// <summary>It gets nothing done, as its silence tells: to be recorded and replaced.</summary>
    HungSilent,

    /// <summary>It gets things done, but no longer answers its health check: to be recorded and replaced.</summary>
    HungUnhealthy,
}
