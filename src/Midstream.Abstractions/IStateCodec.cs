using System.Buffers;

namespace Midstream;

/// <summary>Writes and reads one key or value of a state. Must be thread-safe.</summary>
/// <typeparam name="T">The type.</typeparam>
public interface IStateCodec<T>
{
    /// <summary>Writes a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="version">The version of the format: one that the state's options name in Writes.</param>
    /// <param name="destination">Where to.</param>
    void Write(T value, int version, IBufferWriter<byte> destination);

    /// <summary>Reads a value.</summary>
    /// <param name="source">The bytes that <see cref="Write"/> wrote, all of them.</param>
    /// <param name="version">The version of the format: one that the state's options name in Reads.</param>
    /// <returns>The value.</returns>
    T Read(ReadOnlySpan<byte> source, int version);
}
