// What the process measures of itself.

using System.Diagnostics;

namespace ModuleHost;

/// <summary>Requests that were put to an application without a connection.</summary>
/// <param name="NsEach">The time of each.</param>
/// <param name="BytesEach">The bytes that each has allocated.</param>
internal sealed record Direct(double NsEach, double BytesEach)
{
    public static Direct Run(DirectClient client, int requests)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < requests; i++)
            client.Send();
        var elapsed = Stopwatch.GetElapsedTime(begun);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        return new Direct(elapsed.TotalNanoseconds / requests, (double)bytes / requests);
    }
}

/// <summary>What the process has used since it began.</summary>
internal sealed record Usage(long AllocatedBytes, double CpuUs)
{
    public static Usage Read() =>
        new(GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime.TotalMicroseconds);
}

/// <summary>What the process holds after a full collection.</summary>
internal sealed record Memory(long ManagedBytes, long ResidentBytes)
{
    public static Memory Read()
    {
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        return new Memory(managed, Environment.WorkingSet);
    }
}
