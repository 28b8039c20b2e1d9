using System.Buffers;

namespace Midstream.Hosting.Transport;

/// <summary>
/// Keeps back the answer to an upgrade request that is asked here a second time: the client has had its 101 from the process
/// before, and what comes after the answer's head is meant for it.
/// </summary>
internal sealed class SwallowedAnswer
{
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    /// <summary>Gets whether the whole head has been kept back.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Gets whether the answer was the upgrade that the client believes it has; known when the head is whole.</summary>
    public bool IsUpgrade { get; private set; }

    /// <summary>Keeps the head back, if all of it is there.</summary>
    /// <param name="output">What the server has written from the answer's first byte on; becomes what follows the head.</param>
    /// <returns>False when more has to come first.</returns>
    public bool TrySwallow(ref ReadOnlySequence<byte> output)
    {
        var reader = new SequenceReader<byte>(output);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> head, HeadEnd))
            return false;
        IsWhole = true;
        IsUpgrade = IsSwitching(head);
        output = reader.UnreadSequence;
        return true;
    }

    private static bool IsSwitching(in ReadOnlySequence<byte> head)
    {
        var status = "HTTP/1.1 101 "u8;
        return head.Length >= status.Length && head.Slice(0, status.Length).ToArray().AsSpan().SequenceEqual(status);
    }
}
