using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Midstream.Core.Drain;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Stands between a connection's input and the server. While the connection stays it only counts; when it is to leave, the
/// server is told at the next request boundary that the input has ended, which makes Kestrel let go in silence: no byte
/// written, no <c>Connection: close</c>. A connection between two requests has gone before the server is told; any other, unused
/// or of a protocol that is followed, goes after that, its unread bytes still in the pipe.
/// </summary>
/// <param name="inner">The connection's input.</param>
/// <param name="boundary">Follows the requests.</param>
/// <param name="firstWord">Told when the server has looked at the first bytes.</param>
/// <param name="departure">Takes a connection that stands between two requests away from under the waiting server.</param>
internal sealed class BoundaryReader(
    PipeReader inner, RequestBoundary boundary, Newcomers.FirstWord firstWord, IDeparture departure) : PipeReader
{
    private ReadOnlySequence<byte> _shown;
    private volatile bool _leaving;
    private int _ownCancellation;
    private int _serversCancellation;

    private bool _isToEnd;
    private bool _hasEnded;

    /// <summary>Gets whether the server has been told that the input has ended because the connection leaves.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Asks for the connection: from now on it leaves at the first boundary, at once if it is at one.</summary>
    public void Leave()
    {
        _leaving = true;
        Wake();
    }

    /// <summary>Looks again whether the connection is at a boundary, if it is to leave.</summary>
    public void LookAgain()
    {
        if (_leaving)
            Wake();
    }

    /// <summary>Ends the input at the first boundary as if the client had ended it; the connection does not leave.</summary>
    public void EndAtBoundary()
    {
        Volatile.Write(ref _isToEnd, true);
        Wake();
    }

    /// <summary>Takes <see cref="Leave"/> back; without effect when the connection has left.</summary>
    public void Stay() => _leaving = false;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Once the server has been told, nothing may take it back: what came since belongs to the next home.
            if (HasLeft || (_leaving && boundary.MayLeave && boundary.TryLeave() && await DepartsAsync()))
                return Leaves();
            if (_hasEnded || (Volatile.Read(ref _isToEnd) && boundary.MayLeave))
                return Ends();

            var result = await inner.ReadAsync(cancellationToken);
            if (!IsOurs(result))
                return Show(result);

            // Our wake-up, not the server's: hand everything back unexamined and look at the boundary again.
            inner.AdvanceTo(result.Buffer.Start);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        if (HasLeft || _hasEnded || !inner.TryRead(out result))
        {
            result = default;
            return false;
        }

        if (IsOurs(result))
        {
            inner.AdvanceTo(result.Buffer.Start);
            result = default;
            return false;
        }

        result = Show(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (HasLeft || _hasEnded)
            return;
        // Before the inner call: afterwards the segments may be gone.
        if (!_shown.IsEmpty)
        {
            boundary.Consumed(_shown.Slice(0, consumed).Length);
            firstWord.Heard();
        }

        _shown = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _serversCancellation, 1);
        inner.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        // A connection that leaves takes its unread bytes along; they are read off the inner pipe afterwards.
        if (!HasLeft)
            inner.Complete(exception);
    }

    /// <summary>Ends the input of a connection that has left, after the server.</summary>
    public void End() => inner.Complete();

    /// <summary>Takes the bytes that the server has not been shown; nobody may write or read meanwhile.</summary>
    /// <returns>The bytes, in order.</returns>
    public byte[] TakeUnread()
    {
        var unread = Array.Empty<byte>();
        while (inner.TryRead(out var result))
        {
            unread = [.. unread, .. result.Buffer.ToArray()];
            inner.AdvanceTo(result.Buffer.End);
            // A cancellation that nobody has seen may stand before the bytes.
            if (!result.IsCanceled)
                break;
        }

        return unread;
    }

    // The server waits for the next request meanwhile, and knows nothing. What is not known to be between two requests of
    // HTTP/1.x ends first: a connection handler writes when it likes.
    private async ValueTask<bool> DepartsAsync()
    {
        if (boundary.Kind != ConnectionKind.Http1 || boundary.Protocol is not null)
            return true;
        // Before, because what is found out on the way may make it leave once more, in another way.
        _leaving = false;
        if (await departure.DepartAsync() != Departure.Stays)
            return true;
        RepeatServersCancellation();
        return false;
    }

    // It may have been taken off the pipe together with unread bytes.
    private void RepeatServersCancellation()
    {
        if (Volatile.Read(ref _serversCancellation) == 1)
            inner.CancelPendingRead();
    }

    private void Wake()
    {
        Volatile.Write(ref _ownCancellation, 1);
        inner.CancelPendingRead();
    }

    private ReadResult Leaves()
    {
        HasLeft = true;
        return new ReadResult(default, isCanceled: false, isCompleted: true);
    }

    private ReadResult Ends()
    {
        _hasEnded = true;
        return new ReadResult(default, isCanceled: false, isCompleted: true);
    }

    private ReadResult Show(ReadResult result)
    {
        _shown = result.Buffer;
        if (!result.Buffer.IsEmpty)
            boundary.Shown(result.Buffer);
        return result;
    }

    private bool IsOurs(ReadResult result)
    {
        if (!result.IsCanceled)
            return false;
        var servers = Interlocked.Exchange(ref _serversCancellation, 0) == 1;
        var ours = Interlocked.Exchange(ref _ownCancellation, 0) == 1;
        return ours && !servers;
    }
}
