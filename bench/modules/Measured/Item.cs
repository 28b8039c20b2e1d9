// An entry of the module's state, in the two forms that the versions have of it: the second one keeps the length of the text too.

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Midstream;

namespace Measured;

#if V1
internal sealed record Item(string Text, long Writes)
{
    public static Item Of(string text, long writes) => new(text, writes);
}
#else
internal sealed record Item(string Text, long Writes, int Length)
{
    public static Item Of(string text, long writes) => new(text, writes, text.Length);
}
#endif

/// <summary>Writes the number of writes and the text; in version 2 the text's length before them.</summary>
internal sealed class ItemCodec : IStateCodec<Item>
{
    private const int NumberSize = sizeof(long);
    private const int LengthSize = sizeof(int);

    public static StateDictionaryOptions Versions { get; } =
#if V1
        new();
#else
        new() { Version = 2, Reads = [1, 2], Writes = [1, 2] };
#endif

    public void Write(Item value, int version, IBufferWriter<byte> destination)
    {
        if (version >= 2)
        {
            BinaryPrimitives.WriteInt32LittleEndian(destination.GetSpan(LengthSize), value.Text.Length);
            destination.Advance(LengthSize);
        }

        BinaryPrimitives.WriteInt64LittleEndian(destination.GetSpan(NumberSize), value.Writes);
        destination.Advance(NumberSize);
        Encoding.UTF8.GetBytes(value.Text, destination);
    }

    public Item Read(ReadOnlySpan<byte> source, int version)
    {
        if (version >= 2)
            source = source[LengthSize..];
        return Item.Of(Encoding.UTF8.GetString(source[NumberSize..]), BinaryPrimitives.ReadInt64LittleEndian(source));
    }
}
