// What the process measures of itself.

using System.Diagnostics;

namespace ModuleHost;

/// <summary>Requests that were put to an application without a connection.</summary>
/// <param name="NsEach">The time of each; the median of some hundred pieces, each too short to be interrupted often.</param>
/// <param name="BytesEach">The bytes that each has allocated.</param>
internal sealed record Direct(double NsEach, double BytesEach)
{
    private const int PieceRequests = 100;

    public static Direct Run(DirectClient client, int requests)
    {
        var pieces = new double[Math.Max(1, requests / PieceRequests)];
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        for (var piece = 0; piece < pieces.Length; piece++)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < PieceRequests; i++)
                client.Send();
            pieces[piece] = Stopwatch.GetElapsedTime(begun).TotalNanoseconds / PieceRequests;
        }

        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        Array.Sort(pieces);
        return new Direct(pieces[pieces.Length / 2], (double)bytes / (pieces.Length * PieceRequests));
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
