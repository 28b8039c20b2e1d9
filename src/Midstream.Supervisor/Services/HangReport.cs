using Midstream.Supervisor.Logs;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Services;

/// <summary>Tells of a worker that hangs: it is counted, the operator hears of it, and its threads go into the log.</summary>
internal sealed class HangReport(Telemetry telemetry, OutputLog log, ISupervisorObserver observer)
{
    /// <summary>Tells.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="fault">How it was found.</param>
    public void Write(Worker worker, string fault)
    {
        telemetry.CountHung();
        observer.Error("WorkerHung", $"Worker {worker.Name} (process {worker.Pid}) hangs: {fault} The log has its threads.");
        var stacks = worker.DescribeThreads() ?? "The process is gone.";
        foreach (var line in stacks.Split('\n'))
            log.Write(worker.Name, $"[hung] {line}");
    }
}
