using Midstream.Linux;

namespace Midstream.Supervisor.Services;

/// <summary>
/// Gives memory back to the system. A supervisor idles between deployments for days, and what one of them took, or a flood of log
/// lines, would stay with it: a collector that is not asked to allocate does not collect.
/// </summary>
internal sealed class Thrift
{
    private const int TicksBetweenLooks = 15;

    // Fewer are not worth a collection; more are a sign that it works, and the collector comes by itself.
    private const long AllocatedMinBytes = 1024 * 1024;
    private const long AllocatedMaxBytes = 16 * 1024 * 1024;

    private long _atCollection = GC.GetTotalAllocatedBytes();
    private long _atLook;
    private int _ticks;

    /// <summary>Gives back all that can be, now.</summary>
    public static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProgramPages.Release();
    }

    /// <summary>Called once a second: gives back when it has become quiet after work.</summary>
    public void Look()
    {
        if (++_ticks % TicksBetweenLooks != 0)
            return;
        var allocated = GC.GetTotalAllocatedBytes();
        var (recently, since) = (allocated - _atLook, allocated - _atCollection);
        _atLook = allocated;
        if (recently > AllocatedMaxBytes || since < AllocatedMinBytes)
            return;
        GiveBack();
        _atCollection = GC.GetTotalAllocatedBytes();
    }
}
