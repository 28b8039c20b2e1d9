// The supervisor's side of sd_notify(3): how a program that knows nothing of Midstream says that it is ready.

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Midstream.Linux.Native;

namespace Midstream.Linux;

/// <summary>
/// Receives notifications on an abstract datagram socket with a random name. One receiver at a time.
/// <list type="bullet">
/// <item>Only processes of this user, of root, and of the workers' user are heard; the kernel vouches for who
/// they are (SO_PASSCRED).</item>
/// <item>Of those, once <see cref="HearOnly"/> has named one, that process alone and who belongs to it
/// (<see cref="ProcessFamily"/>). One that has ended and was reaped before its notification is read is not heard: a barrier
/// keeps it until then.</item>
/// <item>Descriptors that come along (FDSTORE=1, BARRIER=1) are closed at once, which is what a barrier waits for.</item>
/// <item>Datagrams longer than <see cref="MaximumBytes"/>, and those without an assignment, are dropped.</item>
/// </list>
/// </summary>
public sealed class NotifyListener : IDisposable
{
    /// <summary>The most bytes of a notification: 4096, as systemd's own limit.</summary>
    public const int MaximumBytes = 4096;

    private const int MaximumDescriptors = 253; // The kernel's SCM_MAX_FD: more cannot be sent at once.

    private readonly FileDescriptor _socket;
    private readonly FdPoller _poller;
    private readonly uint? _workersUid;
    private readonly CancellationTokenSource _closing = new();
    private volatile int _worker;

    /// <summary>Creates the socket.</summary>
    /// <param name="poller">What the listener waits with; must outlive it.</param>
    /// <param name="workersUid">The user the workers run as, when it is another one; null when not.</param>
    /// <exception cref="LinuxException">The process has no descriptor left (EMFILE).</exception>
    public NotifyListener(FdPoller poller, uint? workersUid = null)
    {
        ArgumentNullException.ThrowIfNull(poller);
        _poller = poller;
        _workersUid = workersUid;
        Address = $"@midstream/notify/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        _socket = UnixAddress.Open(Abi.SOCK_DGRAM);
        try
        {
            // Before the bind, so that no datagram can arrive without its sender's credentials.
            PassCredentials(_socket);
            Bind();
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Continues another listener, such as that of the program this process ran before.</summary>
    /// <param name="socket">Its socket; the listener's from now on.</param>
    /// <param name="address">Its <see cref="Address"/>.</param>
    /// <param name="poller">What the listener waits with; must outlive it.</param>
    /// <param name="workersUid">The user the workers run as, when it is another one; null when not.</param>
    public NotifyListener(FileDescriptor socket, string address, FdPoller poller, uint? workersUid = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        ArgumentException.ThrowIfNullOrEmpty(address);
        ArgumentNullException.ThrowIfNull(poller);
        _socket = socket;
        _poller = poller;
        _workersUid = workersUid;
        Address = address;
    }

    /// <summary>
    /// Gets the socket, to keep it over a change of the program (<see cref="ProcessImage"/>). Stays the listener's.
    /// </summary>
    public FileDescriptor Descriptor => _socket;

    /// <summary>Gets the value for the workers' NOTIFY_SOCKET: an abstract name with a leading @.</summary>
    public string Address { get; }

    /// <summary>Hears a process and those that belong to it, and nobody else from now on.</summary>
    /// <param name="worker">The process.</param>
    public void HearOnly(int worker)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(worker);
        _worker = worker;
    }

    /// <summary>Receives the next notification; waits until there is one.</summary>
    /// <param name="cancellationToken">Ends the wait; no notification is lost by it.</param>
    /// <returns>The notification.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The listener is disposed, maybe while it waited.</exception>
    public async ValueTask<NotifyMessage> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        try
        {
            while (true)
            {
                either.Token.ThrowIfCancellationRequested();
                if (!TryReceive(out var message))
                    await _poller.WaitReadableAsync(_socket, either.Token).ConfigureAwait(false);
                else if (message is not null)
                    return message;
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(NotifyListener));
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>
    /// Stops listening and gives the socket up open: a pending receive fails with <see cref="ObjectDisposedException"/>, unless
    /// it has a notification already. What was not received stays in the socket.
    /// </summary>
    /// <returns>The socket, the caller's from now on.</returns>
    /// <exception cref="ObjectDisposedException">The listener was disposed or released before.</exception>
    public FileDescriptor Release()
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        _closing.Cancel();
        return _socket;
    }

    /// <summary>Closes the socket; a pending receive fails with <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (_closing.IsCancellationRequested)
            return;
        _closing.Cancel();
        _socket.Dispose();
    }

    private static unsafe void PassCredentials(SafeHandle socket)
    {
        var on = 1;
        Calls.Check(
            Libc.setsockopt(socket, Abi.SOL_SOCKET, Abi.SO_PASSCRED, &on, sizeof(int)),
            "setsockopt(SO_PASSCRED)", "Cannot create a notify socket");
    }

    private unsafe void Bind()
    {
        using var address = UnixAddress.OfAbstract(Address);
        fixed (byte* bytes = address.Bytes)
            Calls.Check(Libc.bind(_socket, bytes, (uint)address.Bytes.Length), "bind", $"Cannot bind {Address}");
    }

    /// <summary>Receives without waiting: false when there is no datagram; true with null when it was dropped.</summary>
    private unsafe bool TryReceive(out NotifyMessage? message)
    {
        message = null;
        var controlLength =
            ControlMessages.Space(sizeof(UserCredentials)) + ControlMessages.Space(MaximumDescriptors * sizeof(int));
        var control = stackalloc byte[controlLength];
        var buffer = stackalloc byte[MaximumBytes];
        var vector = new IoVector { Base = buffer, Length = MaximumBytes };
        MessageHeader header;
        nint received;
        do
        {
            header = new MessageHeader
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)controlLength,
            };
            received = Libc.recvmsg(_socket, &header, Abi.MSG_CMSG_CLOEXEC | Abi.MSG_DONTWAIT);
        }
        while (Calls.Interrupted(received));
        if (received == -1 && Calls.LastError == Errno.EAGAIN)
            return false;
        Calls.Check((int)received, "recvmsg", "Cannot receive a notification");
        message = Understand(header, new ReadOnlySpan<byte>(buffer, (int)received));
        return true;
    }

    private NotifyMessage? Understand(in MessageHeader header, ReadOnlySpan<byte> text)
    {
        var (descriptors, sender) = ControlMessages.Read(header);
        // Looked at before the descriptors are closed: who waits at a barrier ends then.
        var isHeard = sender is { } known && IsTrusted(known);
        descriptors.ForEach(descriptor => descriptor.Dispose());
        if (!isHeard || (header.Flags & Abi.MSG_TRUNC) != 0)
            return null;
        Dictionary<string, string> fields = [];
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                fields[line[..equals]] = line[(equals + 1)..];
        }

        // A barrier has been answered by closing its descriptor; there is nothing to tell.
        fields.Remove("BARRIER");
        return fields.Count == 0 ? null : new NotifyMessage(fields, sender!.Value.Pid);
    }

    private bool IsTrusted(UserCredentials sender) =>
        (sender.Uid == 0 || sender.Uid == Libc.geteuid() || sender.Uid == _workersUid)
        && (_worker == 0 || ProcessFamily.Contains(_worker, sender.Pid));
}
