using System.Runtime.InteropServices;

namespace Midstream.Supervisor;

/// <summary>
/// TERM, INT and QUIT stop the supervisor and its service in order; a second one stops them at once. HUP is ignored.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StopSignals()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _registrations.Add(PosixSignalRegistration.Create(signal, Hear));
        // A terminal that is closed must not take the service along.
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true));
    }

    /// <summary>Gets a task with the name of the first signal.</summary>
    public Task<string> First => _first.Task;

    /// <summary>Gets a task that ends with the second signal.</summary>
    public Task Second => _second.Task;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        // Not the runtime's own answer, which would end the process on the spot.
        context.Cancel = true;
        if (!_first.TrySetResult($"{context.Signal}"))
            _second.TrySetResult();
    }
}
