// Turns byte offsets of a UTF-8 file into lines and columns a person can go to.

using System.Text;

namespace Midstream.Core.Configuration;

/// <summary>
/// Finds lines and columns in UTF-8 text. Columns count UTF-16 units, as editors do; a carriage return ends no line.
/// </summary>
internal readonly ref struct TextPositions
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly List<int> _lineStarts;

    /// <summary>Finds the beginnings of the lines of a text.</summary>
    public TextPositions(ReadOnlySpan<byte> text)
    {
        _text = text;
        _lineStarts = [0];
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\n')
                _lineStarts.Add(i + 1);
        }
    }

    /// <summary>Finds the place of an offset.</summary>
    public ConfigPosition Of(long offset)
    {
        int found = _lineStarts.BinarySearch((int)offset);
        int line = found >= 0 ? found : ~found - 1;
        return At(line, offset - _lineStarts[line]);
    }

    /// <summary>Finds the place of a byte in a line, both counted from 0; bytes beyond the text count as its end.</summary>
    public ConfigPosition At(long line, long byteInLine)
    {
        int start = _lineStarts[(int)Math.Min(line, _lineStarts.Count - 1)];
        int length = (int)Math.Min(byteInLine, _text.Length - start);
        return new ConfigPosition((int)line + 1, Encoding.UTF8.GetCharCount(_text.Slice(start, length)) + 1);
    }
}
