using System.Net.Sockets;
using Midstream.Core.Configuration;
using Midstream.Supervisor.Sockets;

namespace Midstream.Supervisor.Metrics;

/// <summary>
/// Answers GET /metrics in plain HTTP/1.1, and nothing else. Each connection is one request, for a scraper comes every few
/// seconds; so there is no server to load into a supervisor that has to stay small.
/// </summary>
/// <remarks>Asks nobody who they are: who reaches the address may read. A client that is slow, silent or wrong costs one of a
/// few places for a few seconds, and never the service.</remarks>
internal sealed class MetricsEndpoint : IAsyncDisposable
{
    private const int ClientsMax = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retryDelay = TimeSpan.FromMilliseconds(100);

    private readonly ListenerSet _listeners;
    private readonly Func<MetricsSnapshot> _read;
    private readonly ISupervisorObserver _observer;
    private readonly CancellationTokenSource _stopped = new();
    private readonly SemaphoreSlim _places = new(ClientsMax);
    private readonly Task[] _accepting;

    private MetricsEndpoint(ListenerSet listeners, Func<MetricsSnapshot> read, ISupervisorObserver observer)
    {
        _listeners = listeners;
        _read = read;
        _observer = observer;
        _accepting = [.. listeners.All.Select(AcceptAsync)];
    }

    /// <summary>Gets where the endpoint is, with the ports that the kernel chose where 0 was asked for.</summary>
    public IReadOnlyList<string> Urls => [.. _listeners.All.Select(listener => listener.Url)];

    /// <summary>Starts to answer.</summary>
    /// <param name="addresses">Where; see <see cref="MetricsModel.Listen"/>.</param>
    /// <param name="read">Reads the service as it is; called for each request, from any thread.</param>
    /// <param name="observer">Told when an answer could not be made.</param>
    /// <returns>The endpoint; null when there is no address, and then nothing is loaded or started.</returns>
    /// <exception cref="SupervisorException">An address cannot be had.</exception>
    public static MetricsEndpoint? Start(
        IReadOnlyList<ListenSocket> addresses, Func<MetricsSnapshot> read, ISupervisorObserver observer)
    {
        if (addresses.Count == 0)
            return null;
        try
        {
            return new MetricsEndpoint(ListenerSet.Bind(addresses), read, observer);
        }
        catch (SupervisorException refused)
        {
            throw new SupervisorException(
                refused.Failure, $"The metrics endpoint (metrics.listen) cannot start. {refused.Message}", refused);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await Task.WhenAll(_accepting);

        // Whoever is being answered finishes, within its patience.
        for (var place = 0; place < ClientsMax; place++)
            await _places.WaitAsync();
        _listeners.Dispose();
        _places.Dispose();
        _stopped.Dispose();
    }

    private async Task AcceptAsync(Listener listener)
    {
        // Not owned: the set closes it. No other process has it, and the accept is cancelled by its token before that.
        using var socket = new Socket(new SafeSocketHandle(listener.Socket.Number, ownsHandle: false));
        try
        {
            while (true)
            {
                await _places.WaitAsync(_stopped.Token);
                _ = AnswerAsync(await AcceptOneAsync(socket));
            }
        }
        catch (OperationCanceledException)
        {
            // The endpoint is being stopped.
        }
    }

    private async Task<Socket> AcceptOneAsync(Socket socket)
    {
        while (true)
        {
            try
            {
                return await socket.AcceptAsync(_stopped.Token);
            }
            catch (OperationCanceledException)
            {
                _places.Release();
                throw;
            }
            catch (SocketException)
            {
                // A client that gave up in the queue, or no descriptors left (EMFILE): neither may end the accepting.
                await Task.Delay(s_retryDelay, CancellationToken.None);
            }
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        try
        {
            using var patience = new CancellationTokenSource(s_patience);
            using (client)
                await new MetricsExchange(client, _read).RunAsync(patience.Token);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client has left or is too slow; it will come again.
        }
#pragma warning disable CA1031 // Failing to report never changes state, and never ends the supervisor.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            _observer.Warning("MetricsFailed", $"The metrics could not be read: {broken.Message}");
        }
        finally
        {
            _places.Release();
        }
    }
}
