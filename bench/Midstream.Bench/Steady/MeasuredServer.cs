using System.Diagnostics;
using Midstream.Bench.Peers;
using Midstream.Bench.Processes;

namespace Midstream.Bench.Steady;

/// <summary>A server that is measured, with all its processes.</summary>
internal sealed class MeasuredServer
{
    private readonly Peer _peer;
    private readonly IReadOnlyList<int> _processes;

    private MeasuredServer(Peer peer, IReadOnlyList<int> processes)
    {
        _peer = peer;
        _processes = processes;
    }

    /// <summary>Starts it.</summary>
    /// <param name="entry">Which.</param>
    /// <param name="context">With what.</param>
    public static async Task<MeasuredServer> StartAsync(PeerEntry entry, PeerContext context)
    {
        var before = ProcessTree.Descendants().Select(process => process.Pid).ToHashSet();
        var peer = entry.Create(context);
        await peer.StartAsync();
        return new MeasuredServer(
            peer, [.. ProcessTree.Descendants().Select(process => process.Pid).Where(pid => !before.Contains(pid))]);
    }

    /// <summary>Measures it once.</summary>
    public async Task<Sample> MeasureAsync(Exchange exchange, int connections, TimeSpan time)
    {
        var before = ProcessorTime();
        var summary = await Wrk.RunAsync(_peer.Url, exchange, connections, time);
        var used = ProcessorTime() - before;
        return new Sample(
            summary.RequestsPerSecond, summary.P50Us, summary.P99Us, used.TotalMicroseconds / Math.Max(1, summary.Requests));
    }

    private TimeSpan ProcessorTime() => _processes.Aggregate(TimeSpan.Zero, (sum, pid) =>
    {
        using var process = Process.GetProcessById(pid);
        return sum + process.TotalProcessorTime;
    });
}
