using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Carries what the server writes to the socket; between two flushes, bytes of our own; and nothing at all once muted. What a
/// server flushes is whole frames, in HTTP/2 and WebSockets both, so between two flushes is where a frame of ours fits.
/// </summary>
/// <param name="output">What the server writes.</param>
/// <param name="socket">The socket.</param>
/// <param name="answer">An answer that the client has had before; null when there is none.</param>
internal sealed class Outflow(PipeReader output, Socket socket, SwallowedAnswer? answer)
{
    private Interjection? _interjection;
    private bool _muted;
    private volatile bool _aborted;

    /// <summary>Called with an answer that was kept back, once: says whether what follows it is meant for the client.</summary>
    public Func<SwallowedAnswer, bool>? Swallowed { get; init; }

    /// <summary>Sends until the server has written its last.</summary>
    /// <returns>What broke the connection; null when everything was sent.</returns>
    public async Task<Exception?> RunAsync()
    {
        try
        {
            while (await SendOnceAsync())
            {
            }

            return null;
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            return broken;
        }
    }

    /// <summary>Sends bytes of our own after what the server has flushed so far.</summary>
    /// <param name="frame">The bytes.</param>
    /// <param name="mute">True when nothing of the server's may follow: its output is thrown away from then on.</param>
    public void Interject(byte[] frame, bool mute)
    {
        Volatile.Write(ref _interjection, new Interjection(frame, mute));
        output.CancelPendingRead();
    }

    /// <summary>Sends nothing more.</summary>
    public void Abort()
    {
        _aborted = true;
        output.CancelPendingRead();
    }

    private async ValueTask<bool> SendOnceAsync()
    {
        var result = await output.ReadAsync();
        if (_aborted)
            return false;
        var rest = result.Buffer;
        if (answer is { IsWhole: false } && !TrySwallow(ref rest))
        {
            output.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            return !result.IsCompleted;
        }

        if (!_muted)
            await socket.SendAllAsync(rest);
        output.AdvanceTo(result.Buffer.End);
        if (Interlocked.Exchange(ref _interjection, null) is { } ours)
        {
            _muted |= ours.Mute;
            await socket.SendAllAsync(new ReadOnlySequence<byte>(ours.Frame));
        }

        return !result.IsCompleted;
    }

    private bool TrySwallow(ref ReadOnlySequence<byte> rest)
    {
        if (!answer!.TrySwallow(ref rest))
            return false;
        _muted |= Swallowed?.Invoke(answer) == false;
        return true;
    }

    private sealed record Interjection(byte[] Frame, bool Mute);
}
