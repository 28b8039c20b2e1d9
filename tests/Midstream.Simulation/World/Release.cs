// The releases there are in a simulated world, and what is wrong with the bad ones.

namespace Midstream.Simulation.World;

internal enum Flaw
{
    None,
    ExitsAtStart,
    NeverReady,
    SaysFailed,
    IsUnhealthy,
    RefusesItsGate,
    CrashesInProbation,
    CannotImport,
    CannotTakeTheLease,
}

internal sealed record Release(string Id, Flaw Flaw, bool HandsOver, bool HasState, bool HasLease)
{
    internal string Folder => $"/simulated/{Id}";
}
