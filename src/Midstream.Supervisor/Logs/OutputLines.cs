namespace Midstream.Supervisor.Logs;

/// <summary>
/// Takes a worker's bytes apart into lines: without their ends, and in pieces where they are longer than
/// <see cref="LineMax"/>. The one place that says what a line is.
/// </summary>
/// <param name="bytes">The bytes; an end without a line feed is a line too.</param>
/// <remarks>Bytes are passed on as they are, whether UTF-8 or not; a character that is UTF-8 is never cut.</remarks>
internal ref struct OutputLines(ReadOnlySpan<byte> bytes)
{
    /// <summary>The longest line kept in one piece, in bytes.</summary>
    public const int LineMax = 16 * 1024;

    private const byte LineFeed = (byte)'\n';
    private const byte CarriageReturn = (byte)'\r';
    private const int CharacterMax = 4;

    private ReadOnlySpan<byte> _rest = bytes;
    // What is left of a line that is being cut.
    private ReadOnlySpan<byte> _line;

    /// <summary>Gets the line.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Finds how long the first piece of a line that is too long is.</summary>
    /// <param name="line">The line, longer than <see cref="LineMax"/>.</param>
    /// <returns>The piece's length in bytes.</returns>
    public static int CutOf(ReadOnlySpan<byte> line)
    {
        for (var cut = LineMax; cut > LineMax - CharacterMax; cut--)
        {
            if ((line[cut] & 0xC0) != 0x80)
                return cut;
        }

        return LineMax;
    }

    public readonly OutputLines GetEnumerator() => this;

    /// <summary>Goes on to the next line.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        if (_line.IsEmpty)
        {
            if (_rest.IsEmpty)
                return false;
            var end = _rest.IndexOf(LineFeed);
            _line = (end < 0 ? _rest : _rest[..end]).TrimEnd(CarriageReturn);
            _rest = end < 0 ? default : _rest[(end + 1)..];
        }

        var length = _line.Length > LineMax ? CutOf(_line) : _line.Length;
        Current = _line[..length];
        _line = _line[length..];
        return true;
    }
}
