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
    private TaskCompletionSource<bool>? _whenSent;
    private volatile bool _aborted;
    private volatile bool _hasEnded;

    /// <summary>Called with an answer that was kept back, once: says whether what follows it is meant for the client.</summary>
    public Func<SwallowedAnswer, bool>? Swallowed { get; init; }

    /// <summary>Sends until the server has written its last.</summary>
    /// <returns>What broke the connection; null when everything was sent.</returns>
    public async Task<Exception?> RunAsync()
    {
        try
        {
            await SendAllAsync();
            return null;
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            return broken;
        }
        finally
        {
            _hasEnded = true;
            Interlocked.Exchange(ref _whenSent, null)?.TrySetResult(false);
        }
    }

    /// <summary>Waits until the kernel has everything that the server has flushed so far; the server is to flush nothing
    /// meanwhile.</summary>
    /// <returns>False when nothing is sent any more: the connection is broken, or the server has written its last.</returns>
    public Task<bool> SentAsync()
    {
        var sent = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _whenSent, sent);
        if (_hasEnded)
            sent.TrySetResult(false);
        else
            output.CancelPendingRead();
        return sent.Task;
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

    // One state machine for the connection's life: a method for each flush would cost an allocation for each response.
    private async ValueTask SendAllAsync()
    {
        ReadResult result;
        do
        {
            if (!TryReadOrTell(out result))
                result = await output.ReadAsync();
            if (_aborted)
                return;
            var rest = result.Buffer;
            if (answer is { IsWhole: false } && !TrySwallow(ref rest))
            {
                output.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            // Most responses are one segment, and go here: a method for it would cost each of them a state machine.
            if (!_muted && rest is { IsSingleSegment: true, IsEmpty: false })
                rest = rest.Slice(await socket.SendAsync(rest.First, SocketFlags.None));
            if (!_muted && !rest.IsEmpty)
                await socket.SendAllAsync(rest);
            output.AdvanceTo(result.Buffer.End);
            if (Volatile.Read(ref _interjection) is not null)
                await SendOursAsync();
        }
        while (!result.IsCompleted);
    }

    // Nothing left to read is nothing left to send, as long as somebody waits to be told; who begins to wait cancels the read.
    private bool TryReadOrTell(out ReadResult result)
    {
        result = default;
        if (Volatile.Read(ref _whenSent) is null)
            return false;
        if (output.TryRead(out result))
            return true;
        Interlocked.Exchange(ref _whenSent, null)?.TrySetResult(true);
        return false;
    }

    private ValueTask SendOursAsync()
    {
        var ours = Interlocked.Exchange(ref _interjection, null)!;
        _muted |= ours.Mute;
        return socket.SendAllAsync(new ReadOnlySequence<byte>(ours.Frame));
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
