using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Midstream.Control.HandOver;
using Midstream.Linux;

namespace Midstream.Hosting.HandOver;

/// <summary>
/// Sends frames in the order they come, as many in a packet as wait at the moment: one alone goes at once, and those that come
/// while the kernel takes a packet share the next one.
/// </summary>
/// <param name="channel">The channel; stays the caller's.</param>
/// <param name="mayBundle">Says whether the other side understands bundles.</param>
/// <remarks>Thread-safe. What waits is bounded by the window of unanswered offers.</remarks>
internal sealed class OfferQueue(SeqPacketChannel channel, Func<bool> mayBundle)
{
    // A frame has at most two descriptors, and a packet room for those of a full bundle.
    private const int FramesMax = SeqPacketChannel.MaximumDescriptors / 2;

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isSending;

    /// <summary>Sends a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="descriptors">What goes with it; to be kept open until it is sent.</param>
    /// <param name="sent">Called when the kernel has the frame, or with what <see cref="SeqPacketChannel.SendAsync"/> has failed
    /// with: then it was not sent. It holds up those that wait, so it is to be short.</param>
    public void Send(HandOverFrame frame, IReadOnlyList<SafeHandle> descriptors, Action<Exception?> sent)
    {
        _waiting.Enqueue(new Waiting(frame.ToBytes(), descriptors, sent));
        if (Interlocked.Exchange(ref _isSending, 1) == 0)
            _ = SendAllAsync();
    }

    private async Task SendAllAsync()
    {
        do
        {
            while (TakeSome() is { Count: > 0 } some)
                await SendAsync(some);
            Volatile.Write(ref _isSending, 0);
            Interlocked.MemoryBarrier();
        }
        // Who came between the look and the flag has seen it set, and relies on this look.
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isSending, 1) == 0);
    }

    private List<Waiting> TakeSome()
    {
        var some = new List<Waiting>();
        var length = HandOverBundle.HeaderLength;
        var count = mayBundle() ? FramesMax : 1;
        while (some.Count < count && _waiting.TryPeek(out var next) && (length += next.Bytes.Length) <= HandOverBundle.LengthMax)
        {
            _waiting.TryDequeue(out _);
            some.Add(next);
        }

        return some;
    }

    private async ValueTask SendAsync(List<Waiting> some)
    {
        try
        {
            await (some.Count == 1
                ? channel.SendAsync(some[0].Bytes, some[0].Descriptors, CancellationToken.None)
                : channel.SendAsync(
                    HandOverBundle.ToBytes([.. some.Select(static one => one.Bytes)]),
                    [.. some.SelectMany(static one => one.Descriptors)],
                    CancellationToken.None));
        }
        catch (Exception) when (some.Count > 1)
        {
            // It may have been one descriptor of them all: each alone shows which.
            foreach (var one in some)
                await SendAsync([one]);
            return;
        }
        catch (Exception failure)
        {
            some[0].Sent(failure);
            return;
        }

        some.ForEach(static one => one.Sent(null));
    }

    private sealed record Waiting(byte[] Bytes, IReadOnlyList<SafeHandle> Descriptors, Action<Exception?> Sent);
}
