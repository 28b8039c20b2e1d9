// The channel between supervisor and worker, and between two workers: whole messages with descriptors, and an end of file that
// says the peer has died.

using System.Runtime.InteropServices;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Sends and receives messages with descriptors over a SOCK_SEQPACKET socket (unix(7)).
/// <list type="bullet">
/// <item>A message arrives whole or not at all; senders may be concurrent, one receiver at a time.</item>
/// <item>A cancelled send was not sent; a cancelled receive took no message.</item>
/// <item>Received descriptors have close-on-exec set, and each is owned by its message until taken.</item>
/// <item>The socket's shared flags are never changed: the ends stay usable by any other program.</item>
/// </list>
/// </summary>
public sealed class SeqPacketChannel : IAsyncDisposable
{
    /// <summary>The most bytes one message carries: 64 KiB, which always fits the default socket buffer.</summary>
    public const int MaximumMessageBytes = 64 * 1024;

    /// <summary>The most descriptors one message carries: 128. (The kernel's own limit is 253.)</summary>
    public const int MaximumDescriptors = 128;

    // The kernel does not announce when a user's descriptors in flight become fewer, so this one wait is a poll.
    private static readonly TimeSpan s_inFlightRetry = TimeSpan.FromMilliseconds(5);

    private readonly FileDescriptor _socket;
    private readonly FdPoller _poller;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly SemaphoreSlim _receiving = new(1);
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(MaximumMessageBytes);
    private bool _stopped;

    /// <summary>Creates the channel over one end of a pair.</summary>
    /// <param name="socket">The end; becomes the channel's.</param>
    /// <param name="poller">What the channel waits with; must outlive it.</param>
    public SeqPacketChannel(FileDescriptor socket, FdPoller poller)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentNullException.ThrowIfNull(poller);
        _socket = socket;
        _poller = poller;
    }

    /// <summary>
    /// Gets the socket, to keep it over a change of the program (<see cref="ProcessImage"/>). Stays the channel's.
    /// </summary>
    public FileDescriptor Descriptor => _socket;

    /// <summary>Gets the process that made the other end; of a pair, the process that created the pair.</summary>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    public PeerCredentials Peer => PeerCredentials.Of(_socket);

    /// <summary>Tells whether a process of a group holds the other end, whoever has made it.</summary>
    /// <param name="processGroup">The process group.</param>
    /// <returns>False also when nobody holds it: it is not accepted yet, or was closed. Null when the kernel does not
    /// tell.</returns>
    public bool? IsHeldBy(int processGroup) => PeerProcess.IsHeldBy(_socket, processGroup);

    /// <summary>Creates a pair: a channel for this process and a descriptor to give to another.</summary>
    /// <param name="poller">What the channel waits with; must outlive it.</param>
    /// <returns>The channel, and the other end: close it once it is given away, or its death goes unnoticed.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static (SeqPacketChannel Local, FileDescriptor Remote) CreatePair(FdPoller poller)
    {
        ArgumentNullException.ThrowIfNull(poller);
        var (local, remote) = CreateDescriptorPair();
        return (new SeqPacketChannel(local, poller), remote);
    }

    /// <summary>Creates both ends as descriptors, to be given to two other processes.</summary>
    /// <returns>The two ends; they are alike.</returns>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public static (FileDescriptor First, FileDescriptor Second) CreateDescriptorPair() =>
        SocketPair.Create(Abi.SOCK_SEQPACKET);

    /// <summary>Sends one message; waits while the peer's queue is full.</summary>
    /// <param name="message">1 to <see cref="MaximumMessageBytes"/> bytes. (An empty one would read as the end of file.)</param>
    /// <param name="descriptors">Up to <see cref="MaximumDescriptors"/> handles; the peer gets duplicates, they stay the
    /// caller's. Null or empty for none.</param>
    /// <param name="cancellationToken">Ends the wait; the message is then not sent.</param>
    /// <returns>A task that ends when the kernel has the message.</returns>
    /// <exception cref="ArgumentException">The message or the list is too long, or the message empty.</exception>
    /// <exception cref="ChannelClosedException">The peer has closed its end.</exception>
    /// <exception cref="LinuxException">Another error of sendmsg(2).</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed, maybe while the send waited.</exception>
    public async ValueTask SendAsync(
        ReadOnlyMemory<byte> message,
        IReadOnlyList<SafeHandle>? descriptors = null,
        CancellationToken cancellationToken = default)
    {
        descriptors ??= [];
        ThrowIfOutOfLimits(message.Length, descriptors.Count);
        await EnterAsync(_sending, cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                switch (TrySend(message.Span, descriptors))
                {
                    case 0: return;
                    case Errno.EAGAIN: await WaitAsync(_poller.WaitWritableAsync, cancellationToken).ConfigureAwait(false); break;
                    default: await WaitAsync(Delay, cancellationToken).ConfigureAwait(false); break;
                }
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Receives the next message; waits until there is one.</summary>
    /// <param name="cancellationToken">Ends the wait; no message is lost by it.</param>
    /// <returns>The message, to be disposed; null when the peer has closed its end and all its messages are received.</returns>
    /// <exception cref="ChannelMessageException">The message broke a limit, or its descriptors could not all be received (the
    /// process may have none left). Those received are closed.</exception>
    /// <exception cref="InvalidOperationException">Another receive is pending.</exception>
    /// <exception cref="LinuxException">Another error of recvmsg(2).</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed, maybe while the receive waited.</exception>
    public async ValueTask<SeqPacketMessage?> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        if (!_receiving.Wait(0, CancellationToken.None))
            throw new InvalidOperationException("Another receive is pending on the channel; one receiver at a time.");
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (TryReceive(out var message))
                    return message;
                await WaitAsync(_poller.WaitReadableAsync, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _receiving.Release();
        }
    }

    /// <summary>Ends pending calls with <see cref="ObjectDisposedException"/>, waits for them, and closes the socket.</summary>
    /// <returns>A task that ends when the descriptor is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (await TryStopAsync().ConfigureAwait(false))
            _socket.Dispose();
    }

    /// <summary>
    /// Stops using the socket and gives it up open: pending calls fail with <see cref="ObjectDisposedException"/>, later ones
    /// too. What was not received stays in the socket for whoever uses it next.
    /// </summary>
    /// <returns>The socket, the caller's from now on.</returns>
    /// <exception cref="ObjectDisposedException">The channel was disposed or released before.</exception>
    public async ValueTask<FileDescriptor> ReleaseAsync()
    {
        ObjectDisposedException.ThrowIf(!await TryStopAsync().ConfigureAwait(false), this);
        return _socket;
    }

    /// <summary>Ends every call; false when it was done before.</summary>
    private async ValueTask<bool> TryStopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, true))
            return false;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _sending.WaitAsync().ConfigureAwait(false);
        await _receiving.WaitAsync().ConfigureAwait(false);
        // Both semaphores are given back, so that a late caller meets ObjectDisposedException and not an endless wait.
        _sending.Release();
        _receiving.Release();
        return true;
    }

    private static void ThrowIfOutOfLimits(int bytes, int descriptors)
    {
        if (bytes is 0 or > MaximumMessageBytes)
            throw new ArgumentException($"A message has 1 to {MaximumMessageBytes} bytes; this one has {bytes}.");
        if (descriptors > MaximumDescriptors)
            throw new ArgumentException($"A message carries up to {MaximumDescriptors} descriptors; this one has {descriptors}.");
    }

    private static Task Delay(SafeHandle socket, CancellationToken cancellationToken) =>
        Task.Delay(s_inFlightRetry, cancellationToken);

    private async ValueTask EnterAsync(SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        await WaitAsync((_, token) => turn.WaitAsync(token), cancellationToken).ConfigureAwait(false);
        if (!_closing.IsCancellationRequested)
            return;
        turn.Release();
        throw new ObjectDisposedException(nameof(SeqPacketChannel));
    }

    /// <summary>Waits for what the caller waits for or the channel's end, whichever comes first.</summary>
    private async Task WaitAsync(Func<SafeHandle, CancellationToken, Task> wait, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        try
        {
            await wait(_socket, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(SeqPacketChannel));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Sends without waiting: 0 when sent, else EAGAIN or ETOOMANYREFS, which pass.</summary>
    private int TrySend(ReadOnlySpan<byte> message, IReadOnlyList<SafeHandle> descriptors)
    {
        using var references = new HandleReferences(descriptors);
        nint sent;
        do
            sent = Send(message, descriptors);
        while (Calls.Interrupted(sent));
        if (sent >= 0)
            return 0;
        return Calls.LastError switch
        {
            Errno.EAGAIN => Errno.EAGAIN,
            Errno.ETOOMANYREFS => Errno.ETOOMANYREFS,
            Errno.EPIPE or Errno.ECONNRESET => throw new ChannelClosedException(
                "The message was not sent: the peer has closed its end of the channel.",
                LinuxException.Last("sendmsg", "Cannot send a message")),
            _ => throw LinuxException.Last("sendmsg", "Cannot send a message"),
        };
    }

    private unsafe nint Send(ReadOnlySpan<byte> message, IReadOnlyList<SafeHandle> descriptors)
    {
        var control = stackalloc byte[ControlMessages.Space(MaximumDescriptors * sizeof(int))];
        fixed (byte* payload = message)
        {
            var vector = new IoVector { Base = payload, Length = (nuint)message.Length };
            var header = new MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (descriptors.Count > 0)
            {
                header.ControlLength = (nuint)ControlMessages.WriteRights(control, descriptors);
                header.Control = control;
            }

            return Libc.sendmsg(_socket, &header, Abi.MSG_NOSIGNAL | Abi.MSG_DONTWAIT);
        }
    }

    /// <summary>Receives without waiting: false when there is no message yet; true with null at the end of file.</summary>
    private unsafe bool TryReceive(out SeqPacketMessage? message)
    {
        message = null;
        var control = stackalloc byte[ControlMessages.Space(MaximumDescriptors * sizeof(int))];
        fixed (byte* buffer = _buffer)
        {
            var vector = new IoVector { Base = buffer, Length = MaximumMessageBytes };
            MessageHeader header;
            nint received;
            do
            {
                header = new MessageHeader
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = (nuint)ControlMessages.Space(MaximumDescriptors * sizeof(int)),
                };
                received = Libc.recvmsg(_socket, &header, Abi.MSG_CMSG_CLOEXEC | Abi.MSG_DONTWAIT);
            }
            // A peer that closed with messages of ours unread is reported first, once; what it had sent is still to be received.
            while (Calls.Interrupted(received) || (received == -1 && Calls.LastError == Errno.ECONNRESET));
            if (received == -1 && Calls.LastError == Errno.EAGAIN)
                return false;
            if (received == -1)
                throw LinuxException.Last("recvmsg", "Cannot receive a message");
            message = Understand(header, (int)received);
            return true;
        }
    }

    private SeqPacketMessage? Understand(in MessageHeader header, int length)
    {
        var (descriptors, _) = ControlMessages.Read(header);
        var payload = _buffer.AsSpan(0, length).ToArray();
        var message = new SeqPacketMessage(payload, descriptors);
        var broken = (header.Flags & (Abi.MSG_TRUNC | Abi.MSG_CTRUNC)) != 0;
        if (length > 0 && !broken)
            return message;
        message.Dispose();
        if (!broken)
            return null;
        throw new ChannelMessageException((header.Flags & Abi.MSG_TRUNC) != 0
            ? $"A message of more than {MaximumMessageBytes} bytes was received and refused."
            : "A message was refused because not all of its descriptors could be received: it has more than "
              + $"{MaximumDescriptors}, or this process has reached its limit of open descriptors (ulimit -n).");
    }
}
