using Midstream.Control.Workers;
using Midstream.Core.Generations;
using Midstream.Supervisor.Workers;

namespace Midstream.Supervisor.Counters;

/// <summary>Passes on what workers report, from their start, or from when they were taken over, to their end.</summary>
/// <param name="counters">Sums it up.</param>
/// <param name="watch">Listens for silence.</param>
internal sealed class WorkerFollower(ServiceCounters counters, LivenessWatch watch)
{
    /// <summary>Follows a worker to its end. To be called once for each.</summary>
    /// <param name="worker">The worker, from before its first report on.</param>
    public void Follow(Worker worker)
    {
        worker.Heard += message => Hear(worker, message);
        // One that was taken over may hang already.
        if (worker.State is GenerationState.Serving or GenerationState.Draining)
            Expect(worker);
        _ = EndAsync(worker);
    }

    private void Hear(Worker worker, WorkerMessage message)
    {
        // Who has started owes a sign of life from then on, and may come to a stand before the first.
        if (message is ReadyMessage)
            Expect(worker);
        if (message is not ReportMessage { Report: { } report })
            return;
        counters.Heard(worker.Name, report);
        if (!worker.Exited.IsCompleted)
            watch.Heard(worker.Name, report);
    }

    private void Expect(Worker worker)
    {
        if (worker.Capabilities.Contains(WorkerCapabilities.Report))
            watch.Expect(worker.Name);
    }

    // Its last words may be read after its end; the counters take them all the same.
    private async Task EndAsync(Worker worker)
    {
        await worker.Exited;
        counters.Ended(worker.Name);
        watch.Forget(worker.Name);
    }
}
