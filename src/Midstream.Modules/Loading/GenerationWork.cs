using Microsoft.Extensions.Logging;

namespace Midstream.Modules.Loading;

/// <summary>The work that a generation does beside requests, so that its stop can wait for it.</summary>
internal sealed partial class GenerationWork(string module, long generation, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Task, string> _running = [];
    private bool _hasEnded;

    /// <summary>Gets the names of what runs.</summary>
    public IReadOnlyList<string> Running
    {
        get
        {
            lock (_lock)
                return [.. _running.Values];
        }
    }

    public void Run(string name, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(work);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_hasEnded, this);
            // The caller's context may be a request's, which must not live as long as the work.
            using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
            var task = Task.Run(() => WatchAsync(name, work, stopping), CancellationToken.None);
            _running[task] = name;
            task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Refuses more work, and waits for what runs.</summary>
    public Task EndAsync()
    {
        lock (_lock)
        {
            _hasEnded = true;
            return Task.WhenAll(_running.Keys);
        }
    }

    private void Forget(Task task)
    {
        lock (_lock)
            _running.Remove(task);
    }

    private async Task WatchAsync(string name, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        try
        {
            await work(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception failed)
        {
            // The text alone: an exception that a log keeps would keep the module.
            LogWorkFailed(module, generation, name, failed.ToString());
        }
    }

    [LoggerMessage(EventId = 320, EventName = "ModuleWorkFailed", Level = LogLevel.Error,
        Message = "The work \"{Work}\" of module {Module}, generation {Generation}, has failed: {Fault}")]
    private partial void LogWorkFailed(string module, long generation, string work, string fault);
}
