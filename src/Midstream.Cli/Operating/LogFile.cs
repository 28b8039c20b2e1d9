using System.IO.Compression;
using System.Text;
using Midstream.Linux;

namespace Midstream.Cli.Operating;

/// <summary>One file of the workers' log, held open: it is read on, whatever it is called by now, or whether it still has a
/// name.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class LogFile : IDisposable
{
    private const byte LineFeed = (byte)'\n';
    private const int BlockBytes = 64 * 1024;
    private const int ChunkBytes = 1024 * 1024;
    private const int WitnessBytes = 256;

    private readonly FileStream _file;
    private readonly bool _compressed;
    private Stream? _text;
    private byte[] _chunk = [];
    private int _left;
    private byte[] _head = [];
    private byte[] _witness = [];

    private LogFile(string path, FileStream file)
    {
        Path = path;
        _file = file;
        _compressed = path.EndsWith(".gz", StringComparison.Ordinal);
        Identity = FileIdentity.Of(file.SafeFileHandle).Identity;
    }

    /// <summary>Gets the name it was opened by.</summary>
    public string Path { get; }

    /// <summary>Gets which file it is.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Gets the text's first bytes, by which a copy or a compression of it is recognised.</summary>
    public byte[] Head => _head.Length < WitnessBytes ? _head = ReadText(0, WitnessBytes) : _head;

    /// <summary>Gets up to where the text was read, in bytes: always the end of a line.</summary>
    public long Position { get; private set; }

    /// <summary>Gets whether it holds nothing.</summary>
    public bool IsEmpty => Head.Length == 0;

    /// <summary>Gets when it was last written to, UTC.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(_file.SafeFileHandle);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file; null when it is gone, or was renamed meanwhile.</returns>
    public static LogFile? TryOpen(string path)
    {
        try
        {
            return new LogFile(path, Open(path));
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads the last lines, and goes to the end of the last one.</summary>
    /// <param name="count">How many.</param>
    /// <param name="isWanted">Which lines count.</param>
    /// <returns>The lines, newest first.</returns>
    public IEnumerable<string> ReadLast(int count, Func<string, bool> isWanted)
    {
        if (!_compressed)
            return LinesFromTheEnd().Where(isWanted).Take(count);
        var last = new Queue<string>();
        while (ReadOn() is { Count: > 0 } lines)
        {
            foreach (var line in lines.Where(isWanted))
            {
                last.Enqueue(line);
                if (last.Count > count)
                    last.Dequeue();
            }
        }

        return last.Reverse();
    }

    /// <summary>Goes to the end of the last line.</summary>
    public void SkipToEnd()
    {
        // A compressed file is complete: nobody follows it.
        if (_compressed)
            return;
        var end = RandomAccess.GetLength(_file.SafeFileHandle);
        while (end > 0)
        {
            var start = Math.Max(0, end - BlockBytes);
            var last = ReadText(start, (int)(end - start)).AsSpan().LastIndexOf(LineFeed);
            end = last >= 0 ? start + last + 1 : start;
            if (last >= 0)
                break;
        }

        GoTo(end);
    }

    /// <summary>Reads whole lines from where the last reading ended, some at a time.</summary>
    /// <returns>The lines; none when there are no more at present.</returns>
    public List<string> ReadOn()
    {
        if (_chunk.Length == 0)
            _chunk = new byte[ChunkBytes];
        var count = Fill(_chunk);
        var whole = _chunk.AsSpan(0, count).LastIndexOf(LineFeed) + 1;
        // A line as long as that is none of ours; handed on in pieces.
        if (whole == 0 && count == _chunk.Length)
            whole = count;
        if (whole == 0)
            return [];
        var text = Encoding.UTF8.GetString(_chunk, 0, whole);
        Remember(Position + whole, _chunk.AsSpan(0, whole));
        // A compressed text cannot be read again from a place: what is left of it stays here.
        _left = _compressed ? count - whole : 0;
        _chunk.AsSpan(whole, _left).CopyTo(_chunk);
        return [.. text.Split('\n')[..^(text[^1] == '\n' ? 1 : 0)]];
    }

    /// <summary>Reads what is after the last whole line, of a file that is complete.</summary>
    /// <returns>The line; null when there is none.</returns>
    public string? ReadUnfinished()
    {
        var rest = ReadText(Position, WitnessBytes * WitnessBytes);
        Position += rest.Length;
        return rest.Length > 0 ? Encoding.UTF8.GetString(rest) : null;
    }

    /// <summary>Tells whether the file is not the one that was read up to <see cref="Position"/>: it was truncated, and may have
    /// grown again.</summary>
    /// <returns>Whether it was.</returns>
    public bool WasTruncated() => !_compressed && !Continues(this);

    /// <summary>Tells whether this file has what another had when it was read.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether it is a copy of it, as far as that was read.</returns>
    public bool Continues(LogFile other) =>
        ReadText(other.Position - other._witness.Length, other._witness.Length).AsSpan().SequenceEqual(other._witness);

    /// <summary>Goes on at a place, which is the end of a line.</summary>
    /// <param name="position">The place in the text, in bytes.</param>
    public void GoTo(long position)
    {
        var length = (int)Math.Min(position, WitnessBytes);
        Remember(position, ReadText(position - length, length));
        if (position == 0)
            _head = [];
        _left = 0;
        _text?.Dispose();
        _text = null;
    }

    public void Dispose()
    {
        _text?.Dispose();
        _file.Dispose();
    }

    private void Remember(long position, ReadOnlySpan<byte> before)
    {
        Position = position;
        _witness = before[^Math.Min(before.Length, WitnessBytes)..].ToArray();
    }

    private IEnumerable<string> LinesFromTheEnd()
    {
        SkipToEnd();
        var after = Array.Empty<byte>();
        for (var end = Position; end > 0;)
        {
            var start = Math.Max(0, end - BlockBytes);
            byte[] block = [.. ReadText(start, (int)(end - start)), .. after];
            end = start;
            // What is before the first line feed may have begun in the block before.
            var first = start == 0 ? 0 : block.AsSpan().IndexOf(LineFeed) + 1;
            after = block[..first];
            if (first == block.Length)
                continue;
            var lines = Encoding.UTF8.GetString(block, first, block.Length - first - 1).Split('\n');
            for (var index = lines.Length - 1; index >= 0; index--)
                yield return lines[index];
        }
    }

    private int Fill(byte[] buffer)
    {
        if (!_compressed)
            return RandomAccess.Read(_file.SafeFileHandle, buffer, Position);
        if (_text is null)
        {
            _text = OpenText();
            Skip(_text, Position);
        }

        return _left + _text.ReadAtLeast(buffer.AsSpan(_left), buffer.Length - _left, throwOnEndOfStream: false);
    }

    private byte[] ReadText(long position, int length)
    {
        if (length == 0)
            return [];
        var bytes = new byte[length];
        if (!_compressed)
            return bytes[..RandomAccess.Read(_file.SafeFileHandle, bytes, position)];
        using var text = OpenText();
        Skip(text, position);
        return bytes[..text.ReadAtLeast(bytes, length, throwOnEndOfStream: false)];
    }

    // By its descriptor, for it may have another name by now, or none.
    private GZipStream OpenText() =>
        new(Open($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}"), CompressionMode.Decompress);

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private static void Skip(Stream text, long length)
    {
        var block = new byte[BlockBytes];
        int count;
        for (; length > 0; length -= count)
        {
            count = text.Read(block, 0, (int)Math.Min(block.Length, length));
            if (count == 0)
                return;
        }
    }
}
