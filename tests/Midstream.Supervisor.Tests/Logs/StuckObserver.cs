// An observer that takes nothing until it is told to: a terminal that was stopped.

namespace Midstream.Supervisor.Tests.Logs;

internal sealed class StuckObserver : ISupervisorObserver
{
    private readonly TaskCompletionSource _goOn = new();
    private readonly TaskCompletionSource<SupervisorEvent> _warning = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<SupervisorEvent> Warning => _warning.Task.WaitAsync(Scene.Patience);

    public void OnEvent(SupervisorEvent what) => _warning.TrySetResult(what);

    public void OnOutput(long generation, string line) => _goOn.Task.Wait();

    internal void GoOn() => _goOn.SetResult();
}
