using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Waits for data by a receive of nothing, whose cancellation is not thrown: each connection that moves cancels one, and
/// thousands of exceptions would take a good part of the time that moving takes.
/// </summary>
/// <param name="receive">The receive, into no memory; awaited once.</param>
/// <param name="cancellation">What cancels it.</param>
internal readonly struct DataAwaiter(ValueTask<int> receive, CancellationToken cancellation) : ICriticalNotifyCompletion
{
    /// <summary>Gets whether the wait is over.</summary>
    public bool IsCompleted => receive.IsCompleted;

    /// <summary>Returns this object, which is its own awaiter.</summary>
    public DataAwaiter GetAwaiter() => this;

    /// <summary>Says whether to receive now.</summary>
    /// <returns>False when the wait was cancelled, even if data has come: it stays in the kernel.</returns>
    /// <exception cref="SocketException">The connection is broken.</exception>
    public bool GetResult()
    {
        // Not fetched, it would throw; the socket makes a new operation for the next receive, if there is one.
        if (cancellation.IsCancellationRequested)
            return false;
        _ = receive.Result;
        return true;
    }

    /// <summary>Continues when the wait is over.</summary>
    /// <param name="continuation">What continues.</param>
    public void OnCompleted(Action continuation) => receive.ConfigureAwait(false).GetAwaiter().OnCompleted(continuation);

    /// <summary>Continues when the wait is over.</summary>
    /// <param name="continuation">What continues.</param>
    public void UnsafeOnCompleted(Action continuation) =>
        receive.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);
}
