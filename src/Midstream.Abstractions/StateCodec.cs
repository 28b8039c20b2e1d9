using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Midstream;

/// <summary>The ready-made codecs. Each writes the same format whatever the version.</summary>
public static class StateCodec
{
    /// <summary>Gets the codec of text, in UTF-8.</summary>
    public static IStateCodec<string> Text { get; } = new TextCodec();

    /// <summary>Gets the codec of 64-bit numbers.</summary>
    public static IStateCodec<long> Number { get; } = new Int64Codec();

    /// <summary>Gets the codec of identifiers.</summary>
    public static IStateCodec<Guid> Identifier { get; } = new GuidCodec();

    /// <summary>Creates the codec of a type that source-generated JSON describes. Members may be added in a later release and
    /// are passed over by an earlier one; a member that changes its meaning needs a new version and a codec of its
    /// own.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="type">The description, as <c>MyJson.Default.Order</c>.</param>
    /// <returns>The codec.</returns>
    public static IStateCodec<T> Json<T>(JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return new JsonCodec<T>(type);
    }

    private sealed class TextCodec : IStateCodec<string>
    {
        public void Write(string value, int version, IBufferWriter<byte> destination) =>
            Encoding.UTF8.GetBytes(value, destination);

        public string Read(ReadOnlySpan<byte> source, int version) => Encoding.UTF8.GetString(source);
    }

    private sealed class Int64Codec : IStateCodec<long>
    {
        public void Write(long value, int version, IBufferWriter<byte> destination)
        {
            BinaryPrimitives.WriteInt64LittleEndian(destination.GetSpan(sizeof(long)), value);
            destination.Advance(sizeof(long));
        }

        public long Read(ReadOnlySpan<byte> source, int version) => BinaryPrimitives.ReadInt64LittleEndian(source);
    }

    private sealed class GuidCodec : IStateCodec<Guid>
    {
        private const int Length = 16;

        public void Write(Guid value, int version, IBufferWriter<byte> destination)
        {
            value.TryWriteBytes(destination.GetSpan(Length));
            destination.Advance(Length);
        }

        public Guid Read(ReadOnlySpan<byte> source, int version) => new(source);
    }

    private sealed class JsonCodec<T>(JsonTypeInfo<T> type) : IStateCodec<T>
    {
        [ThreadStatic]
        private static Utf8JsonWriter? t_writer;

        public void Write(T value, int version, IBufferWriter<byte> destination)
        {
            // One writer a thread: a million entries would make a million otherwise.
            var writer = t_writer ??= new Utf8JsonWriter(Stream.Null);
            writer.Reset(destination);
            JsonSerializer.Serialize(writer, value, type);
            writer.Flush();
        }

        public T Read(ReadOnlySpan<byte> source, int version) => JsonSerializer.Deserialize(source, type)!;
    }
}
