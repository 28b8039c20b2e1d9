using System.Runtime.InteropServices;
using Midstream.Control.Workers;
using Midstream.Linux;

namespace Midstream.Supervisor.Workers;

/// <summary>
/// A worker's process as the operating system gives it to a supervisor: its life, the messages that come and go, and what it
/// writes. It decides nothing. <see cref="WorkerProcess"/> is the one of this machine.
/// </summary>
internal interface IWorkerProcess : IAsyncDisposable
{
    /// <summary>Gets the process id, which is its group's as well.</summary>
    int Pid { get; }

    /// <summary>Gets a task with the way it ended.</summary>
    Task<ProcessExit> Exited { get; }

    /// <summary>Gets the last lines it wrote, oldest first.</summary>
    IReadOnlyList<string> LastLines { get; }

    /// <summary>Gets a task that ends when all that it wrote has been read.</summary>
    Task OutputEnded { get; }

    /// <summary>Gets the clock by which it is waited for.</summary>
    TimeProvider Time { get; }

    /// <summary>Gets the memory it has, in bytes; null when that is not to be known.</summary>
    long? ResidentBytes { get; }

    /// <summary>Describes what its threads are doing.</summary>
    /// <returns>Lines; null when the process is gone.</returns>
    string? DescribeThreads();

    /// <summary>Makes a channel between this worker and another.</summary>
    /// <returns>Its two ends, to be sent to one of them each; the caller's.</returns>
    /// <exception cref="LinuxException">The supervisor has no descriptors left.</exception>
    (SafeHandle ToOther, SafeHandle ToThis) OpenChannel();

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="descriptors">Descriptors that go with it; they stay the caller's.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <returns>A task that ends when it is sent.</returns>
    /// <exception cref="ChannelClosedException">The worker has died or closed its channel.</exception>
    ValueTask SendAsync(WorkerMessage message, IReadOnlyList<SafeHandle> descriptors, CancellationToken cancellationToken);

    /// <summary>Receives the next message.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message; null when the worker has died or closed its channel.</returns>
    ValueTask<WorkerMessage?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Receives the next notice by sd_notify(3).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it says that the worker is ready.</returns>
    Task<bool> ReceiveNoticeAsync(CancellationToken cancellationToken);

    /// <summary>Sends a signal to the process. Does nothing when it has ended.</summary>
    /// <param name="signal">The signal.</param>
    void Signal(int signal);

    /// <summary>Sends a signal to the process and to all that it started.</summary>
    /// <param name="signal">The signal.</param>
    void SignalGroup(int signal);

    /// <summary>Lets go of it without ending it.</summary>
    /// <returns>What another program needs to go on with it.</returns>
    Task<ProcessRemains> ReleaseAsync();
}
