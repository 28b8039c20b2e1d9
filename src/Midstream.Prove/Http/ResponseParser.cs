using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Midstream.Prove.Http;

// Tells, byte by byte as they arrive, where one HTTP/1.1 response ends and whether it is well formed (RFC 9112). Strict on
// purpose: a client library would forgive what a broken swap does to a response, and a prover must not.
internal enum ResponseStatus
{
    Incomplete,
    Complete,
    Malformed,
}

// One parser serves one connection for its whole life; nothing is allocated for a response whose lines arrive whole.
internal sealed class ResponseParser
{
    private const int ReleaseBytesMax = 128;
    private const string LongChunk = "a chunk is longer than it says";

    private readonly ResponseLimits _limits;
    private readonly byte[]? _releaseHeader;
    private readonly ExpectedText? _expected;
    private readonly ArrayBufferWriter<byte> _partialLine = new(128);
    private State _state;
    private bool _toHead;
    private bool _http10;
    private bool _saysClose;
    private bool _saysKeepAlive;
    private bool _chunked;
    private long _contentLength;
    private long _bodyLeft;
    private int _lineBudget;
    private int _interims;

    public ResponseParser(ResponseLimits limits, string? releaseHeader = null, ExpectedText? expected = null)
    {
        _limits = limits;
        _releaseHeader = releaseHeader is null ? null : Encoding.ASCII.GetBytes(releaseHeader);
        _expected = expected;
        Begin(toHead: false);
    }

    private enum State
    {
        StatusLine,
        HeaderLine,
        LengthBody,
        CloseBody,
        ChunkLine,
        ChunkBody,
        ChunkEnd,
        TrailerLine,
        Complete,
        Malformed,
    }

    public int StatusCode { get; private set; }

    // True from the first byte of the response proper; an interim response (1xx) is not yet an answer.
    public bool Began { get; private set; }

    // False when the server says, or the way the body ends implies, that the connection ends with this response.
    public bool KeepAlive { get; private set; }

    public long BodyBytes { get; private set; }

    // The number the response carries: null without the header, -1 when it is not a number.
    public long? EchoedId { get; private set; }

    // The same string for the same release as in the response before, so that comparing references is enough most of the time.
    public string? Release { get; private set; }

    public bool NamesRelease { get; private set; }

    public string? Error { get; private set; }

    public bool BodyAsExpected => _expected?.Found ?? true;

    public string Progress => _state switch
    {
        State.StatusLine or State.HeaderLine => "in its head",
        State.LengthBody => string.Create(CultureInfo.InvariantCulture, $"after {BodyBytes} of {_contentLength} body bytes"),
        _ => string.Create(CultureInfo.InvariantCulture, $"after {BodyBytes} body bytes of a chunked response"),
    };

    public void Begin(bool toHead)
    {
        _toHead = toHead;
        _interims = 0;
        BodyBytes = 0;
        EchoedId = null;
        NamesRelease = false;
        Error = null;
        _expected?.Begin();
        BeginHead();
    }

    // Takes as many bytes as belong to this response; bytes behind its end are left to the caller.
    public ResponseStatus Feed(ReadOnlySpan<byte> bytes, out int consumed)
    {
        var rest = bytes;
        while (!rest.IsEmpty && _state < State.Complete)
        {
            Began = true;
            var taken = _state is State.LengthBody or State.CloseBody or State.ChunkBody ? TakeBody(rest) : TakeLine(rest);
            rest = rest[taken..];
        }
        consumed = bytes.Length - rest.Length;
        return Status;
    }

    // The connection ended in order: complete only for a body that is delimited by that (RFC 9112 section 6.3, rule 8).
    public ResponseStatus EndOfStream()
    {
        if (_state == State.CloseBody)
            _state = State.Complete;
        return Status;
    }

    private ResponseStatus Status => _state switch
    {
        State.Complete => ResponseStatus.Complete,
        State.Malformed => ResponseStatus.Malformed,
        _ => ResponseStatus.Incomplete,
    };

    private void BeginHead()
    {
        _state = State.StatusLine;
        _partialLine.ResetWrittenCount();
        _lineBudget = _limits.HeadBytesMax;
        _contentLength = -1;
        _chunked = _saysClose = _saysKeepAlive = false;
        Began = false;
        KeepAlive = false;
        StatusCode = 0;
    }

    private int TakeBody(ReadOnlySpan<byte> bytes)
    {
        var taken = _state == State.CloseBody ? bytes.Length : (int)Math.Min(_bodyLeft, bytes.Length);
        BodyBytes += taken;
        if (BodyBytes > _limits.BodyBytesMax)
            return Fail("the body is larger than the limit", taken);
        _expected?.Feed(bytes[..taken]);
        if (_state == State.CloseBody)
            return taken;
        _bodyLeft -= taken;
        if (_bodyLeft == 0)
            (_state, _lineBudget) = _state == State.LengthBody ? (State.Complete, 0) : (State.ChunkEnd, 2);
        return taken;
    }

    private int TakeLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        var taken = end < 0 ? bytes.Length : end + 1;
        _lineBudget -= taken;
        if (_lineBudget < 0)
            return Fail(_state == State.ChunkEnd ? LongChunk : "a head or chunk line is larger than the limit", taken);
        if (end >= 0 && _partialLine.WrittenCount == 0)
        {
            OnRawLine(bytes[..taken]);
            return taken;
        }
        _partialLine.Write(bytes[..taken]);
        if (end >= 0)
            OnRawLine(_partialLine.WrittenSpan);
        else if (_state == State.StatusLine && !StatusLine.CanBegin(_partialLine.WrittenSpan))
            Fail("the response does not begin with HTTP/1.");
        return taken;
    }

    private void OnRawLine(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < 2 || raw[^2] != '\r' || raw[..^2].Contains((byte)'\r'))
            Fail("a line does not end with CR LF");
        else
            OnLine(raw[..^2]);
        _partialLine.ResetWrittenCount();
    }

    private void OnLine(ReadOnlySpan<byte> line)
    {
        switch (_state)
        {
            case State.StatusLine:
                OnStatusLine(line);
                break;
            case State.HeaderLine when line.IsEmpty:
                OnHeadEnd();
                break;
            case State.HeaderLine:
                OnHeader(line);
                break;
            case State.ChunkLine:
                OnChunkLine(line);
                break;
            case State.ChunkEnd:
                if (!line.IsEmpty)
                    Fail(LongChunk);
                else
                    BeginChunk();
                break;
            case State.TrailerLine when line.IsEmpty:
                _state = State.Complete;
                break;
            case State.TrailerLine:
                if (!HeaderField.TryParse(line, out _))
                    Fail("a trailer line is not a header field");
                break;
        }
    }

    private void OnStatusLine(ReadOnlySpan<byte> line)
    {
        if (!StatusLine.TryParse(line, out var minorVersion, out var code))
        {
            Fail("the status line is not one");
            return;
        }
        _http10 = minorVersion == 0;
        StatusCode = code;
        _state = State.HeaderLine;
    }

    private void OnHeader(ReadOnlySpan<byte> line)
    {
        if (!HeaderField.TryParse(line, out var field))
            Fail("a header line is not a header field");
        else if (field.Is("Content-Length"u8))
            OnContentLength(field.Value);
        else if (field.Is("Transfer-Encoding"u8))
            OnTransferEncoding(field.Value);
        else if (field.Is("Connection"u8))
        {
            _saysClose |= field.Lists("close"u8);
            _saysKeepAlive |= field.Lists("keep-alive"u8);
        }
        else if (field.Is("X-Prove-Id"u8))
            OnId(field.Value);
        else if (_releaseHeader is not null && field.Is(_releaseHeader))
            OnRelease(field.Value);
    }

    private void OnContentLength(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || value.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || !Utf8Parser.TryParse(value, out long length, out var used) || used != value.Length)
            Fail("Content-Length is not a number");
        else if (_contentLength >= 0 && _contentLength != length)
            Fail("Content-Length appears twice with different values");
        else
            _contentLength = length;
    }

    private void OnTransferEncoding(ReadOnlySpan<byte> value)
    {
        if (_chunked || !Ascii.EqualsIgnoreCase(value, "chunked"u8))
            Fail("Transfer-Encoding is not 'chunked' alone");
        else
            _chunked = true;
    }

    private void OnId(ReadOnlySpan<byte> value)
    {
        var isNumber = Utf8Parser.TryParse(value, out long id, out var used) && used == value.Length && id >= 0;
        EchoedId = isNumber && (EchoedId is null || EchoedId == id) ? id : -1;
    }

    private void OnRelease(ReadOnlySpan<byte> value)
    {
        value = value[..Math.Min(value.Length, ReleaseBytesMax)];
        if (value.IsEmpty)
            return;
        NamesRelease = true;
        if (Release is null || !Ascii.Equals(value, Release))
            Release = Encoding.Latin1.GetString(value);
    }

    private void OnHeadEnd()
    {
        if (_chunked && (_contentLength >= 0 || _http10))
            Fail("Transfer-Encoding appears beside Content-Length or in HTTP/1.0");
        else if (StatusCode < 200)
            OnInterimEnd();
        else
            BeginBody();
    }

    private void OnInterimEnd()
    {
        if (StatusCode == 101)
            Fail("the server switches protocols though nobody asked for it");
        else if (++_interims > _limits.InterimResponsesMax)
            Fail("too many interim responses");
        else
            BeginHead();
    }

    // The order of RFC 9112 section 6.3.
    private void BeginBody()
    {
        KeepAlive = !_saysClose && (!_http10 || _saysKeepAlive);
        if (_toHead || StatusCode is 204 or 304 || (!_chunked && _contentLength == 0))
            _state = State.Complete;
        else if (_chunked)
            BeginChunk();
        else if (_contentLength > 0)
            (_state, _bodyLeft) = (State.LengthBody, _contentLength);
        else
            (_state, KeepAlive) = (State.CloseBody, false);
    }

    private void BeginChunk() => (_state, _lineBudget) = (State.ChunkLine, _limits.ChunkLineBytesMax);

    private void OnChunkLine(ReadOnlySpan<byte> line)
    {
        var extension = line.IndexOf((byte)';');
        var size = extension < 0 ? line : line[..extension].TrimEnd(" \t"u8);
        // Fifteen digits cannot overflow, and no honest chunk needs more.
        if (size.Length is 0 or > 15 || !Utf8Parser.TryParse(size, out long length, out var used, 'x') || used != size.Length)
            Fail("a chunk size is not a hexadecimal number");
        else if (length == 0)
            (_state, _lineBudget) = (State.TrailerLine, _limits.HeadBytesMax);
        else
            (_state, _bodyLeft) = (State.ChunkBody, length);
    }

    private int Fail(string error, int taken = 0)
    {
        Error = error;
        _state = State.Malformed;
        return taken;
    }
}
