using System.Net.Sockets;

namespace Midstream.Hosting.Transport;

/// <summary>
/// A connection between two requests that has come from another generation: nothing is there for it but its socket until its
/// client speaks. Of thousands that are handed over most say nothing for long, and some not before the next hand-over.
/// </summary>
/// <remarks>Exactly one takes it: its client, who speaks; the end of its time; a drain; or the server that stops. That ends this
/// object, which disposes of itself; the socket goes on.</remarks>
internal sealed class ParkedConnection : IDisposable
{
    private readonly IConnectionHome _home;
    private readonly Arrival _arrival;
    private readonly CancellationTokenSource _waiting;
    private readonly TaskCompletionSource<Task> _wait = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isTaken;

    /// <summary>Parks a connection.</summary>
    /// <param name="home">Told when it is parked no more.</param>
    /// <param name="listener">Serves it.</param>
    /// <param name="arrival">The connection; owned by this object.</param>
    /// <param name="longest">How long it may stay: the server's limit for idle connections.</param>
    public ParkedConnection(IConnectionHome home, GatedListener listener, Arrival arrival, TimeSpan longest)
    {
        _home = home;
        _arrival = arrival;
        Listener = listener;
        _waiting = new CancellationTokenSource(longest);
    }

    /// <summary>Gets the listener that serves it.</summary>
    public GatedListener Listener { get; }

    /// <summary>Gets the socket.</summary>
    public Socket Socket => _arrival.Socket;

    /// <summary>Gets from where it came.</summary>
    public ArrivalOrigin Origin => _arrival.Origin;

    /// <summary>Begins to wait for the client.</summary>
    public void Start()
    {
        using var ownContext = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _wait.SetResult(WaitAsync());
    }

    /// <summary>Takes the connection: nobody waits for its client any more.</summary>
    /// <returns>False when another has taken it.</returns>
    public async Task<bool> TryTakeAsync()
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
            return false;
        _waiting.Cancel();
        await await _wait.Task;
        Dispose();
        return true;
    }

    /// <summary>Has the connection served, if nobody else has taken it.</summary>
    /// <returns>A task that ends when it is served, or is another's.</returns>
    public async Task WakeAsync()
    {
        if (await TryTakeAsync())
            Serve();
    }

    /// <summary>Has a connection served that was taken.</summary>
    /// <param name="cannotMove">True when no other process can serve it.</param>
    public void Serve(bool cannotMove = false) => Serve(cannotMove, hasSpoken: false);

    private void Serve(bool cannotMove, bool hasSpoken)
    {
        Listener.Adopt(_arrival with { Origin = ArrivalOrigin.Returned, CannotMove = cannotMove }, hasSpoken);
        _home.Unparked(this, isClosed: false);
    }

    /// <summary>Ends the wait's timer.</summary>
    public void Dispose() => _waiting.Dispose();

    private async Task WaitAsync()
    {
        try
        {
            await new DataAwaiter(Socket.ReceiveAsync(Memory<byte>.Empty, _waiting.Token), _waiting.Token);
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // Who serves it finds out in the same way.
        }

        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
            return;
        if (_waiting.IsCancellationRequested && !HasSomethingToRead())
            Close();
        else
            Serve(cannotMove: false, hasSpoken: true);
        Dispose();
    }

    // What has come at the last moment is answered, and what is broken is the server's to find out.
    private bool HasSomethingToRead()
    {
        try
        {
            return Socket.Available > 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private void Close()
    {
        Socket.Dispose();
        _home.Unparked(this, isClosed: true);
    }
}
