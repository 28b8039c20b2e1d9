// What a host and its modules share: the type of a state's entries.

using System.Buffers;
using System.Text;
using Midstream;

namespace TestContract;

public sealed record Entry(string Text);

/// <summary>Writes and reads entries, and counts how often.</summary>
public sealed class EntryCodec : IStateCodec<Entry>
{
    private static long s_uses;

    public static long Uses => Volatile.Read(ref s_uses);

    public void Write(Entry value, int version, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(value);
        Interlocked.Increment(ref s_uses);
        Encoding.UTF8.GetBytes(value.Text, destination);
    }

    public Entry Read(ReadOnlySpan<byte> source, int version)
    {
        Interlocked.Increment(ref s_uses);
        return new Entry(Encoding.UTF8.GetString(source));
    }
}
