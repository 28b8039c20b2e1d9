// The state directory of the simulated service: what a restart finds is what was written, and at times nothing can be.

using Midstream.Simulation.Scheduling;
using Midstream.Supervisor.State;

namespace Midstream.Simulation.World;

internal sealed class Disk
{
    /// <summary>Raised when the state has been written, with the one before.</summary>
    internal event Action<ServiceState?, ServiceState>? Written;

    internal bool IsFull { get; set; }

    internal ServiceState? State { get; private set; }

    internal void Write(ServiceState state)
    {
        if (IsFull)
            throw new IOException("No space left on device.");
        var before = State;
        State = state;
        Written?.Invoke(before, state);
    }
}

/// <summary>The disk as one supervisor reaches it.</summary>
internal sealed class DiskOf(Era era, Disk disk) : IStateFile, ILedger
{
    public void Write(ServiceState state) => era.TryAffect(() => disk.Write(state));

    public void Append(LedgerEntry entry)
    {
        if (disk.IsFull)
            throw new IOException("No space left on device.");
    }
}
