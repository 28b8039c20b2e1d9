using System.Net.Sockets;
using Midstream.Control.Operators;
using Midstream.Linux;
using Midstream.Supervisor.Services;
using Midstream.Supervisor.State;

namespace Midstream.Supervisor.Operators;

/// <summary>
/// The service's control socket: mode 0600, and everybody who connects is asked the kernel for (SO_PEERCRED), for the mode
/// is only as good as the directory's.
/// </summary>
internal sealed class OperatorServer : IAsyncDisposable
{
    private const int Backlog = 64;
    private const int SessionsMax = 64;

    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_acceptAgain = TimeSpan.FromMilliseconds(100);

    private readonly ServiceDirectory _directory;
    private readonly OperatorDesk _desk;
    private readonly ISupervisorObserver _observer;
    private readonly FileDescriptor _descriptor;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stopped = new();
    private readonly SemaphoreSlim _sessions = new(SessionsMax, SessionsMax);
    private Task _accepting = Task.CompletedTask;

    /// <summary>Opens the socket, or goes on with one that is open.</summary>
    /// <param name="directory">Where its path lies.</param>
    /// <param name="desk">Takes the requests.</param>
    /// <param name="observer">Told of what goes wrong.</param>
    /// <param name="open">The socket of the program before; null to bind one.</param>
    public OperatorServer(
        ServiceDirectory directory, OperatorDesk desk, ISupervisorObserver observer, FileDescriptor? open)
    {
        _directory = directory;
        _desk = desk;
        _observer = observer;
        _descriptor = open ?? ListeningSocket.BindUnix(
            directory.ControlSocket, Backlog, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _socket = new Socket(new SafeSocketHandle(_descriptor.Number, ownsHandle: false));
    }

    /// <summary>Begins to answer operators.</summary>
    public void Start() => _accepting = AcceptAsync();

    /// <summary>Stops accepting and gives the socket up open: who connects waits in it for the next program.</summary>
    /// <param name="except">The sessions that will not end before.</param>
    /// <returns>The socket.</returns>
    public async Task<FileDescriptor> ReleaseAsync(int except)
    {
        await _stopped.CancelAsync();
        await _accepting;
        for (var session = except; session < SessionsMax; session++)
        {
            if (!await _sessions.WaitAsync(s_lastWords))
                break;
        }

        return _descriptor;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _accepting;
        // The sessions that are left get their last words out, and no more than that.
        for (var session = 0; session < SessionsMax; session++)
        {
            if (!await _sessions.WaitAsync(s_lastWords))
                break;
        }

        _socket.Dispose();
        _descriptor.Dispose();
        File.Delete(_directory.ControlSocket);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await _sessions.WaitAsync(_stopped.Token);
                var operatorSocket = await AcceptOneAsync();
                _ = ServeAsync(operatorSocket);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException cannot)
            {
                // No descriptor is left (accept(2), EMFILE). The operator waits in the queue until there is one.
                _observer.Warning("OperatorWaits", $"An operator's connection cannot be taken now: {cannot.Message}");
                await Task.WhenAny(Task.Delay(s_acceptAgain, _stopped.Token));
            }
        }
    }

    private async Task<Socket> AcceptOneAsync()
    {
        try
        {
            return await _socket.AcceptAsync(_stopped.Token);
        }
        catch (Exception) when (Release())
        {
            throw;
        }

        bool Release()
        {
            _sessions.Release();
            return false;
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using (socket)
                await ServeKnownAsync(socket);
        }
        catch (Exception gone) when (gone is IOException or SocketException or ObjectDisposedException)
        {
            _observer.Information("OperatorGone", "An operator's connection ended before its answer did.");
        }
        finally
        {
            _sessions.Release();
        }
    }

    private async Task ServeKnownAsync(Socket socket)
    {
        var peer = PeerCredentials.Of(socket.SafeHandle);
        using var session = new OperatorSession(socket);
        if (peer.Uid != 0 && peer.Uid != ProcessOwner.Uid)
        {
            // Read what was asked all the same: closing on top of unread bytes would reset the connection, the answer included.
            await session.ReadLineAsync(_stopped.Token);
            await session.SayAsync(new RefusedEvent(
                Refusals.NotAllowed, $"Only root and the user who runs the supervisor may do this, not " +
                    $"{NameOf(peer.Uid)}."));
            return;
        }

        await _desk.ServeAsync(session, new Operator(NameOf(peer.Uid), peer.Uid));
    }

    // Looking a name up opens a file, for which a descriptor may be wanting; who asks is answered all the same.
    private static string NameOf(uint uid)
    {
        try
        {
            return Users.NameOf(uid) ?? $"uid {uid}";
        }
        catch (LinuxException)
        {
            return $"uid {uid}";
        }
    }
}
