using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Midstream.Hosting.Leases;

/// <summary>
/// Starts and stops the singular services together. They either all run or none does; one that did not stop in its time counts
/// as running.
/// </summary>
/// <remarks>Thread-safe: one start or stop at a time.</remarks>
internal sealed partial class SingularServices(
    IEnumerable<SingularRegistration> registrations,
    IServiceProvider provider,
    IHostApplicationLifetime application,
    ILogger<SingularServices> logger) : IDisposable
{
    private static readonly TimeSpan s_undoTime = TimeSpan.FromSeconds(5);

    private readonly SingularRegistration[] _registrations = [.. registrations];
    private readonly Stack<(SingularRegistration Registration, IHostedService Service)> _running = new();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Gets whether the application has any.</summary>
    public bool Exist => _registrations.Length > 0;

    /// <summary>Gets whether they run.</summary>
    public bool Run { get; private set; }

    /// <summary>Starts them in the order in which they were added.</summary>
    /// <param name="cancellationToken">Ends the start; those that have started are stopped.</param>
    /// <returns>Why they do not run; null when they do.</returns>
    public async Task<string?> StartAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Run)
                return null;
            Run = true;
            foreach (var registration in _registrations)
            {
                var service = registration.Create(provider);
                _running.Push((registration, service));
                await service.StartAsync(cancellationToken);
                _ = WatchAsync(registration, service);
            }

            LogStarted(_registrations.Length);
            return null;
        }
        catch (Exception failed)
        {
            // The application's own code.
            LogNotStarted(failed);
            using var patience = new CancellationTokenSource(s_undoTime);
            await StopRunningAsync(patience.Token);
            return $"A singular service could not be started: {failed.Message}";
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops them, the last one first.</summary>
    /// <param name="timeout">The time they have together.</param>
    /// <returns>Which still run, in a sentence; null when none does.</returns>
    public async Task<string?> StopAsync(TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            await _turn.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            return $"The singular services were still starting after {timeout.TotalMilliseconds:0} ms.";
        }

        try
        {
            await StopRunningAsync(patience.Token);
            return null;
        }
        catch (Exception slow)
        {
            var names = string.Join(", ", _running.Select(running => running.Registration.Type.Name));
            LogNotStopped(slow, names);
            return $"Singular services did not stop within {timeout.TotalMilliseconds:0} ms: {names}.";
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task StopRunningAsync(CancellationToken cancellationToken)
    {
        while (_running.TryPeek(out var running))
        {
            // A background service returns from its stop when the time is over, though it goes on: only its task tells.
            await running.Service.StopAsync(cancellationToken).WaitAsync(cancellationToken);
            if (running.Service is BackgroundService { ExecuteTask: { } execution })
                await execution.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await DisposeAsync(running.Service);
            _running.Pop();
        }

        if (Run)
            LogStopped();
        Run = false;
    }

    // What the host does for its own background services: one that fails takes the application with it.
    private async Task WatchAsync(SingularRegistration registration, IHostedService service)
    {
        if (service is not BackgroundService { ExecuteTask: { } execution })
            return;
        try
        {
            await execution;
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception failed)
        {
            LogFailed(failed, registration.Type.Name);
            application.StopApplication();
        }
    }

    private static async ValueTask DisposeAsync(IHostedService service)
    {
        if (service is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync();
        else
            (service as IDisposable)?.Dispose();
    }

    [LoggerMessage(EventId = 150, EventName = "LeaseTaken", Level = LogLevel.Information,
        Message = "{Count} singular services run in this process.")]
    private partial void LogStarted(int count);

    [LoggerMessage(EventId = 151, EventName = "LeaseReleased", Level = LogLevel.Information,
        Message = "The singular services no longer run in this process.")]
    private partial void LogStopped();

    [LoggerMessage(EventId = 152, EventName = "SingularServiceNotStarted", Level = LogLevel.Error,
        Message = "A singular service could not be started; none of them runs.")]
    private partial void LogNotStarted(Exception error);

    [LoggerMessage(EventId = 153, EventName = "SingularServiceNotStopped", Level = LogLevel.Error,
        Message = "Singular services did not stop in time and go on in this process: {Names}.")]
    private partial void LogNotStopped(Exception error, string names);

    [LoggerMessage(EventId = 154, EventName = "SingularServiceFailed", Level = LogLevel.Critical,
        Message = "The singular service {Name} failed; the application stops.")]
    private partial void LogFailed(Exception error, string name);
}
