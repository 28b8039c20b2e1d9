// One end of a channel between two simulated workers, without a descriptor; whoever has it has to dispose of it all the same.

using System.Runtime.InteropServices;

namespace Midstream.Simulation.World;

/// <summary>What two workers share who hand over.</summary>
internal sealed class Pair
{
    internal SimulatedWorker? Old { get; set; }

    internal SimulatedWorker? Heir { get; set; }
}

internal sealed class ChannelEnd(Pair pair) : SafeHandle(0, ownsHandle: true)
{
    internal Pair Pair => pair;

    public override bool IsInvalid => false;

    protected override bool ReleaseHandle() => true;
}
