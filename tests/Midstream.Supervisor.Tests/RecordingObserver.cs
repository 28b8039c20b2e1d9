// Remembers what a supervisor reports, and lets a test wait for it.

using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Midstream.Supervisor.Tests;

internal sealed class RecordingObserver : ISupervisorObserver
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource<SupervisorEvent> _error = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ConcurrentQueue<SupervisorEvent> Events { get; } = new();

    internal ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Gets a task with the first error.</summary>
    internal Task<SupervisorEvent> Error => _error.Task;

    public void OnEvent(SupervisorEvent what)
    {
        Events.Enqueue(what);
        if (what.Level == EventLevel.Error)
            _error.TrySetResult(what);
    }

    public void OnOutput(long generation, string line)
    {
        Lines.Enqueue(line);
        _lines.Writer.TryWrite(line);
    }

    internal async Task WaitForLinesAsync(int count)
    {
        for (var line = 0; line < count; line++)
            await _lines.Reader.ReadAsync().AsTask().WaitAsync(Scene.Patience);
    }
}
