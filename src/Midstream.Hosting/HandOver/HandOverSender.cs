using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Midstream.Control.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.HandOver;

/// <summary>What became of a connection that was offered.</summary>
internal enum OfferOutcome
{
    /// <summary>The other generation has it.</summary>
    Accepted,

    /// <summary>The other generation cannot serve it or has no descriptor left for it, or it has too much unread to travel; it
    /// stays here.</summary>
    Refused,

    /// <summary>The other generation is gone, and did not have it.</summary>
    PeerGone,
}

/// <summary>
/// The old generation's end of the hand-over channel. A connection is offered and belongs to this process until the other
/// side has acknowledged it; if the channel ends before that, it still belongs to this process.
/// </summary>
internal sealed class HandOverSender : IAsyncDisposable
{
    /// <summary>The most offers that may be unanswered at once: bounds what is in flight in the kernel, which refuses an
    /// unprivileged sender beyond its own RLIMIT_NOFILE (ETOOMANYREFS).</summary>
    public const int WindowMax = 128;

    private readonly SeqPacketChannel _channel;
    private readonly OfferQueue _queue;
    private readonly SemaphoreSlim _window = new(WindowMax, WindowMax);
    private readonly ConcurrentDictionary<uint, Unanswered> _unanswered = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _answers;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _last;
    private uint _version = 1;
    private int _budget = int.MaxValue;
    private volatile bool _peerGone;

    /// <summary>Starts to listen for answers.</summary>
    /// <param name="channel">The channel; owned by this object from now on.</param>
    /// <param name="onPeerGone">Called once if the other side goes away before this object is disposed of.</param>
    public HandOverSender(SeqPacketChannel channel, Action onPeerGone)
    {
        _channel = channel;
        _queue = new OfferQueue(channel, () => Volatile.Read(ref _version) >= HandOverBundle.Version);
        _answers = ReadAnswersAsync(onPeerGone);
    }

    /// <summary>Gets whether the other side is gone.</summary>
    public bool PeerIsGone => _peerGone;

    /// <summary>Gets a task that ends when the other side is gone before this object is disposed of, and else never.</summary>
    public Task Gone => _gone.Task;

    /// <summary>Offers a connection and waits for the answer.</summary>
    /// <param name="listener">The supervisor's id of the socket it arrived on.</param>
    /// <param name="connection">The connection; stays the caller's, to be closed when it was accepted.</param>
    /// <param name="unread">The bytes that go before what the socket delivers next.</param>
    /// <param name="passage">What else the other side has to know to go on; null for a connection at the beginning of a
    /// request.</param>
    /// <param name="isBetweenRequests">Whether requests of HTTP/1.x have been answered on it, and the client speaks next.</param>
    /// <returns>Who has it.</returns>
    public async Task<OfferOutcome> OfferAsync(
        int listener, SafeHandle connection, byte[] unread, Passage? passage = null, bool isBetweenRequests = false)
    {
        if (unread.Length > HandOverFrame.UnreadMax || passage is { IsWithinLimits: false })
            return OfferOutcome.Refused;
        var isUnderstood = passage is null || Volatile.Read(ref _version) >= HandOverFrame.ResumeVersion;
        if (Interlocked.Decrement(ref _budget) < 0 || !isUnderstood)
        {
            Interlocked.Increment(ref _budget);
            return _peerGone ? OfferOutcome.PeerGone : OfferOutcome.Refused;
        }

        var outcome = await OfferWithinBudgetAsync(listener, connection, unread, passage, isBetweenRequests);
        if (outcome != OfferOutcome.Accepted)
            Interlocked.Increment(ref _budget);
        return outcome;
    }

    private async Task<OfferOutcome> OfferWithinBudgetAsync(
        int listener, SafeHandle connection, byte[] unread, Passage? passage, bool isBetweenRequests)
    {
        await _window.WaitAsync();
        var id = Interlocked.Increment(ref _last);
        var offer = new Unanswered();
        _unanswered[id] = offer;
        try
        {
            // Looked at after the answer is on file: whoever sets the flag answers everything on file.
            if (_peerGone)
                return OfferOutcome.PeerGone;
            Send(id, listener, connection, unread, passage?.ToBytes(), isBetweenRequests, offer);
            var outcome = await offer.Task;
            // Who is done with a connection has little left to do; who has it back begins anew.
            if (outcome != OfferOutcome.Accepted)
                await Task.Yield();
            return outcome;
        }
        catch (ChannelClosedException)
        {
            // Seen here before the loop that reads the answers: nobody else is to try.
            _peerGone = true;
            return OfferOutcome.PeerGone;
        }
        catch (Exception cannot) when (cannot is LinuxException or ObjectDisposedException)
        {
            // This one cannot be offered, whatever the peer could: its socket is closed, or no descriptor or memory is left.
            return _peerGone ? OfferOutcome.PeerGone : OfferOutcome.Refused;
        }
        finally
        {
            _unanswered.TryRemove(id, out _);
            _window.Release();
        }
    }

    /// <summary>Tells the other side that no more will come.</summary>
    /// <returns>A task that ends when it is told, or gone.</returns>
    public async Task FinishAsync()
    {
        try
        {
            await _channel.SendAsync(new HandOverFrame(HandOverKind.Finished, 0).ToBytes(), [], CancellationToken.None);
        }
        catch (Exception gone) when (gone is ChannelClosedException or ObjectDisposedException or LinuxException)
        {
            // Its end of the channel says the same.
        }
    }

    /// <summary>Closes the channel; offers that are unanswered come back.</summary>
    /// <returns>A task that ends when nothing of this object runs any more.</returns>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _answers;
        await _channel.DisposeAsync();
        _stopped.Dispose();
    }

    private void Send(
        uint id, int listener, SafeHandle connection, byte[] unread, byte[]? passage, bool isBetweenRequests,
        Unanswered offer)
    {
        var bytes = passage is null ? unread : [.. passage, .. unread];
        var frame = new HandOverFrame(
            passage is null ? HandOverKind.Offer : HandOverKind.Resume, id, listener,
            PassageLength: passage?.Length ?? 0, IsBetweenRequests: isBetweenRequests);
        if (bytes.Length <= HandOverFrame.InlineMax)
        {
            _queue.Send(frame with { Unread = bytes }, [connection], offer.Sent);
            return;
        }

        var file = MemoryFile.Create("midstream-unread", bytes);
        _queue.Send(frame with { UnreadInMemoryFile = bytes.Length }, [connection, file], failure =>
        {
            file.Dispose();
            offer.Sent(failure);
        });
    }

    private async Task ReadAnswersAsync(Action onPeerGone)
    {
        try
        {
            while (await _channel.ReceiveAsync(_stopped.Token) is { } packet)
            {
                using (packet)
                    Answer(packet.Payload);
            }
        }
        catch (OperationCanceledException)
        {
            AnswerAll();
            return;
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            // A peer that breaks the rules is as good as gone: what it has not acknowledged stays here.
        }

        AnswerAll();
        _gone.TrySetResult();
        onPeerGone();
    }

    private void Answer(ReadOnlyMemory<byte> payload)
    {
        if (HandOverBundle.TryRead(payload) is { } bundle)
        {
            foreach (var each in bundle)
                Answer(each);
        }
        else if (HandOverFrame.TryRead(payload, out var frame))
        {
            Answer(frame);
        }
    }

    private void Answer(HandOverFrame frame)
    {
        if (frame.Kind == HandOverKind.Greeting)
            Meet(frame);
        if (!_unanswered.TryGetValue(frame.Connection, out var offer))
            return;
        if (frame.Kind == HandOverKind.Accepted)
            offer.Answer(OfferOutcome.Accepted);
        else if (frame.Kind == HandOverKind.Refused)
            offer.Answer(OfferOutcome.Refused);
    }

    // Comes before the first offer: the new worker greets before it says that it is active, and only then is this one told to
    // drain.
    private void Meet(HandOverFrame greeting)
    {
        Volatile.Write(ref _version, greeting.Connection);
        Interlocked.Exchange(ref _budget, Math.Max(0, greeting.Listener));
    }

    private void AnswerAll()
    {
        _peerGone = true;
        foreach (var offer in _unanswered.Values)
            offer.Answer(OfferOutcome.PeerGone);
    }

    /// <summary>An offer under way. It is over when it is answered and the send that has brought it over has returned: until then
    /// that call uses the socket, and .NET resets a connection whose socket is disposed in the middle of a call.</summary>
    /// <remarks>Who waits for it goes on where the answer is read: of thousands each would have to find a thread of its
    /// own.</remarks>
    private sealed class Unanswered : TaskCompletionSource<OfferOutcome>
    {
        private OfferOutcome _outcome;
        private int _isAnswered;
        private int _missing = 2;

        internal void Answer(OfferOutcome outcome)
        {
            if (Interlocked.Exchange(ref _isAnswered, 1) != 0)
                return;
            _outcome = outcome;
            Arrived();
        }

        internal void Sent(Exception? failure)
        {
            if (failure is null)
                Arrived();
            else
                ThreadPool.UnsafeQueueUserWorkItem(_ => TrySetException(failure), null);
        }

        private void Arrived()
        {
            if (Interlocked.Decrement(ref _missing) == 0)
                TrySetResult(_outcome);
        }
    }
}
