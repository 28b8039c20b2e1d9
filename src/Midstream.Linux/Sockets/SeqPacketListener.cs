// The address at which a worker finds its next supervisor: a listening socket whose connections are channels.

using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Accepts <see cref="SeqPacketChannel"/>s at a path of the file system, of any length. Disposing leaves the path: delete it, or
/// bind it again, which replaces it. One accept at a time.
/// </summary>
public sealed class SeqPacketListener : IAsyncDisposable
{
    private readonly FileDescriptor _socket;
    private readonly FdPoller _poller;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _accepting = new(1);
    private bool _stopped;

    /// <summary>Continues a listening socket, such as one that was kept over a change of the program.</summary>
    /// <param name="socket">A listening SOCK_SEQPACKET socket; the listener's from now on. Its shared flag O_NONBLOCK is set.
    /// </param>
    /// <param name="poller">What the listener and its channels wait with; must outlive them.</param>
    /// <exception cref="LinuxException">The socket's flags cannot be set.</exception>
    public SeqPacketListener(FileDescriptor socket, FdPoller poller)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(poller);
        socket.SetNonBlocking();
        _socket = socket;
        _poller = poller;
    }

    /// <summary>
    /// Gets the socket, to keep it over a change of the program (<see cref="ProcessImage"/>). Stays the listener's.
    /// </summary>
    public FileDescriptor Descriptor => _socket;

    /// <summary>
    /// Listens at a path. The socket appears there complete and at once; one that nobody listens on any more is replaced.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <param name="mode">Who may connect: those who may write.</param>
    /// <param name="poller">What the listener and its channels wait with; must outlive them.</param>
    /// <param name="uid">The owner; null for this process's user.</param>
    /// <param name="gid">The group; null for this process's group.</param>
    /// <returns>The listener.</returns>
    /// <exception cref="LinuxException">A living process listens there (EADDRINUSE), there is something else (ENOTSOCK), or the
    /// folder cannot be used (ENOENT, EACCES).</exception>
    public static SeqPacketListener Bind(
        string path, int backlog, UnixFileMode mode, FdPoller poller, uint? uid = null, uint? gid = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(poller);
        return new SeqPacketListener(ListeningSocket.BindUnixSocket(Abi.SOCK_SEQPACKET, path, backlog, mode, uid, gid), poller);
    }

    /// <summary>Connects to a listener. Waits up to five seconds while its backlog is full.</summary>
    /// <param name="path">Where it listens.</param>
    /// <param name="poller">What the channel waits with; must outlive it.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="LinuxException">Nobody listens there (ECONNREFUSED, ENOENT), this user may not connect (EACCES), the
    /// socket is of another type (EPROTOTYPE), or the backlog stayed full (EAGAIN).</exception>
    public static SeqPacketChannel Connect(string path, FdPoller poller)
    {
        ArgumentNullException.ThrowIfNull(poller);
        return new SeqPacketChannel(UnixSocketPath.Connect(Abi.SOCK_SEQPACKET, path), poller);
    }

    /// <summary>
    /// Accepts the next connection; waits until there is one. Who connected is <see cref="SeqPacketChannel.Peer"/>: look at it
    /// before the channel's first message is believed.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait; no connection is lost by it.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE); the connection goes on waiting.</exception>
    /// <exception cref="InvalidOperationException">Another accept is pending.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The listener is disposed or released, maybe while it waited.</exception>
    public async ValueTask<SeqPacketChannel> AcceptAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        if (!_accepting.Wait(0, CancellationToken.None))
            throw new InvalidOperationException("Another accept is pending on the listener; one at a time.");
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        try
        {
            while (true)
            {
                either.Token.ThrowIfCancellationRequested();
                if (TryAccept() is { } socket)
                    return new SeqPacketChannel(socket, _poller);
                await _poller.WaitReadableAsync(_socket, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(SeqPacketListener));
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            _accepting.Release();
        }
    }

    /// <summary>Stops accepting and gives the socket up open: connections wait in it for whoever accepts next.</summary>
    /// <returns>The socket, the caller's from now on.</returns>
    /// <exception cref="ObjectDisposedException">The listener was disposed or released before.</exception>
    public async ValueTask<FileDescriptor> ReleaseAsync()
    {
        ObjectDisposedException.ThrowIf(!await TryStopAsync().ConfigureAwait(false), this);
        return _socket;
    }

    /// <summary>Closes the socket. A pending accept fails with <see cref="ObjectDisposedException"/>.</summary>
    /// <returns>A task that ends when it has.</returns>
    public async ValueTask DisposeAsync()
    {
        if (await TryStopAsync().ConfigureAwait(false))
            _socket.Dispose();
    }

    private async ValueTask<bool> TryStopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, true))
            return false;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _accepting.WaitAsync().ConfigureAwait(false);
        _accepting.Release();
        return true;
    }

    /// <summary>Accepts without waiting: null when nobody is there.</summary>
    private unsafe FileDescriptor? TryAccept()
    {
        int accepted;
        do
            accepted = Libc.accept4(_socket, null, null, Abi.SOCK_CLOEXEC);
        while (accepted == -1 && Calls.LastError is Errno.EINTR or Errno.ECONNABORTED);
        return accepted == -1 && Calls.LastError == Errno.EAGAIN
            ? null
            : FileDescriptor.Owning(accepted, "accept4", "Cannot accept a connection");
    }
}
