// The format of an exported dictionary, docs/specs/state-hand-over.md: entries, an end mark, and their number as a check.
//
//   entry:  kind (1 write, 2 remove), version (8 bytes), key length (4), key [, value length (4), value]
//   end:    kind 0, the clock (8 bytes), the number of entries (8)

using System.Buffers;
using System.Buffers.Binary;

namespace Midstream.HandOver;

/// <summary>Writes entries in large pieces, however small they are.</summary>
internal sealed class EntryWriter(Stream destination)
{
    private const int PieceLength = 128 * 1024;

    private readonly ArrayBufferWriter<byte> _piece = new(2 * PieceLength);
    private readonly ArrayBufferWriter<byte> _part = new(256);
    private long _count;

    public void Write<TKey, TValue>(
        long version, TKey key, IStateCodec<TKey> keys, TValue value, IStateCodec<TValue> values, int format)
    {
        Begin(StateOperation.Write, version, key, keys, format);
        Append(value, values, format);
        FlushIfFull();
    }

    public void Remove<TKey>(long version, TKey key, IStateCodec<TKey> keys, int format)
    {
        Begin(StateOperation.Remove, version, key, keys, format);
        FlushIfFull();
    }

    public long End(long clock)
    {
        var end = _piece.GetSpan(17);
        end[0] = 0;
        BinaryPrimitives.WriteInt64LittleEndian(end[1..], clock);
        BinaryPrimitives.WriteInt64LittleEndian(end[9..], _count);
        _piece.Advance(17);
        Flush();
        return _count;
    }

    private void Begin<TKey>(StateOperation kind, long version, TKey key, IStateCodec<TKey> keys, int format)
    {
        var head = _piece.GetSpan(9);
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], version);
        _piece.Advance(9);
        Append(key, keys, format);
        _count++;
    }

    private void Append<T>(T item, IStateCodec<T> codec, int format)
    {
        _part.ResetWrittenCount();
        codec.Write(item, format, _part);
        BinaryPrimitives.WriteInt32LittleEndian(_piece.GetSpan(4), _part.WrittenCount);
        _piece.Advance(4);
        _piece.Write(_part.WrittenSpan);
    }

    private void FlushIfFull()
    {
        if (_piece.WrittenCount >= PieceLength)
            Flush();
    }

    private void Flush()
    {
        destination.Write(_piece.WrittenSpan);
        _piece.ResetWrittenCount();
    }
}

/// <summary>Reads what <see cref="EntryWriter"/> wrote, and believes nothing that does not add up.</summary>
internal sealed class EntryReader(Stream source)
{
    private byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private long _count;
    private int _keyLength;
    private int _valueLength;

    public StateOperation Kind { get; private set; }

    /// <summary>Gets the entry's version; after the last entry, the clock.</summary>
    public long Version { get; private set; }

    public ReadOnlySpan<byte> Key => _buffer.AsSpan(_start - _valueLength - _keyLength - ValuePrefix, _keyLength);

    public ReadOnlySpan<byte> Value => _buffer.AsSpan(_start - _valueLength, _valueLength);

    private int ValuePrefix => Kind == StateOperation.Write ? 4 : 0;

    /// <summary>Reads the next entry.</summary>
    /// <returns>False after the last one.</returns>
    /// <exception cref="InvalidDataException">It is cut off or was not written by this format.</exception>
    public bool Next()
    {
        Need(9);
        Kind = (StateOperation)_buffer[_start];
        Version = BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(_start + 1));
        if (Kind == 0)
        {
            Need(17);
            if (BinaryPrimitives.ReadInt64LittleEndian(_buffer.AsSpan(_start + 9)) != _count)
                throw new InvalidDataException("The number of entries is not the one that was written.");
            return false;
        }

        if (Kind is not (StateOperation.Write or StateOperation.Remove))
            throw new InvalidDataException($"{(byte)Kind} is no kind of entry.");
        var length = 9;
        _keyLength = LengthAt(length);
        length += 4 + _keyLength;
        _valueLength = 0;
        if (Kind == StateOperation.Write)
        {
            _valueLength = LengthAt(length);
            length += 4 + _valueLength;
        }

        Need(length);
        _start += length;
        _count++;
        return true;
    }

    private int LengthAt(int offset)
    {
        Need(offset + 4);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_start + offset));
        if (length < 0 || length > Array.MaxLength / 4)
            throw new InvalidDataException($"{length} is no length of a key or value.");
        return length;
    }

    private void Need(int length)
    {
        if (_end - _start >= length)
            return;
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_buffer.Length < length)
            Array.Resize(ref _buffer, Math.Max(length, 2 * _buffer.Length));
        while (_end < length)
        {
            var read = source.Read(_buffer.AsSpan(_end));
            if (read == 0)
                throw new InvalidDataException("The state ends in the middle of an entry.");
            _end += read;
        }
    }
}
