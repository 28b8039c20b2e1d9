namespace Midstream.Supervisor.Logs;

/// <summary>Bytes that grow to a bound and are let go of again: one half of a queue whose other half is being written.</summary>
/// <param name="boundBytes">The most it holds, in bytes.</param>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LineBuffer(int boundBytes)
{
    // What a quiet worker needs. A burst's memory is given back after it.
    private const int KeptBytes = 64 * 1024;

    private byte[] _bytes = [];
    private int _count;

    /// <summary>Gets what it holds.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _count);

    /// <summary>Gets whether it holds nothing.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>Makes room at the end.</summary>
    /// <param name="length">How much, in bytes.</param>
    /// <param name="room">The room, to be filled at once; empty when there is none.</param>
    /// <returns>Whether there is room below the bound.</returns>
    public bool TryExtend(int length, out Span<byte> room)
    {
        room = default;
        if (length > boundBytes - _count)
            return false;
        if (length > _bytes.Length - _count)
        {
            var wanted = Math.Max(2L * _bytes.Length, Math.Max(_count + length, KeptBytes));
            Array.Resize(ref _bytes, (int)Math.Min(boundBytes, wanted));
        }

        room = _bytes.AsSpan(_count, length);
        _count += length;
        return true;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        _count = 0;
        if (_bytes.Length > KeptBytes)
            _bytes = [];
    }
}
