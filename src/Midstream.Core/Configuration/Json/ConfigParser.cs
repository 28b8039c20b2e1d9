// Turns the bytes of a file into a tree that knows where each value stands.

using System.Text;
using System.Text.Json;

namespace Midstream.Core.Configuration;

/// <summary>
/// Parses JSON with comments and trailing commas. Text that is not JSON throws <see cref="ConfigSyntaxException"/>.
/// </summary>
internal ref struct ConfigParser
{
    private readonly TextPositions _positions;
    private Utf8JsonReader _reader;

    private ConfigParser(ReadOnlySpan<byte> json)
    {
        _positions = new TextPositions(json);
        _reader = new Utf8JsonReader(json, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
        });
    }

    /// <summary>Parses a file.</summary>
    /// <param name="json">Its bytes, in UTF-8, with or without a byte order mark.</param>
    /// <exception cref="ConfigSyntaxException">The text is not JSON.</exception>
    public static ConfigNode Parse(ReadOnlySpan<byte> json)
    {
        var parser = new ConfigParser(json.StartsWith(Encoding.UTF8.Preamble) ? json[Encoding.UTF8.Preamble.Length..] : json);
        try
        {
            parser._reader.Read();
            ConfigNode root = parser.ReadValue();
            parser._reader.Read(); // Finds text after the value.
            return root;
        }
        catch (JsonException e)
        {
            throw new ConfigSyntaxException(
                WithoutPosition(e.Message), parser._positions.At(e.LineNumber ?? 0, e.BytePositionInLine ?? 0));
        }
    }

    private readonly ConfigPosition Position => _positions.Of(_reader.TokenStartIndex);

    private ConfigNode ReadValue() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadSection(),
        JsonTokenType.StartArray => ReadList(),
        JsonTokenType.String => new ConfigNode(ConfigNodeKind.Text, Position) { Text = ReadText() },
        JsonTokenType.Number => ReadNumber(),
        JsonTokenType.Null => new ConfigNode(ConfigNodeKind.Null, Position),
        _ => new ConfigNode(ConfigNodeKind.Boolean, Position) { IsTrue = _reader.TokenType == JsonTokenType.True },
    };

    private readonly ConfigNode ReadNumber() => new(ConfigNodeKind.Number, Position)
    {
        Text = Encoding.UTF8.GetString(_reader.ValueSpan),
        Integer = _reader.TryGetInt64(out long value) ? value : null,
    };

    private ConfigNode ReadSection()
    {
        ConfigPosition begin = Position;
        var members = new List<ConfigMember>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            ConfigPosition position = Position;
            string name = ReadText();
            _reader.Read();
            members.Add(new ConfigMember(name, position, ReadValue()));
        }

        return new ConfigNode(ConfigNodeKind.Section, begin) { Members = members };
    }

    private ConfigNode ReadList()
    {
        ConfigPosition begin = Position;
        var items = new List<ConfigNode>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadValue());

        return new ConfigNode(ConfigNodeKind.List, begin) { Items = items };
    }

    // The reader checks neither UTF-8 nor surrogates until the text is asked for.
    private readonly string ReadText()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new ConfigSyntaxException("This text is not valid Unicode; save the file as UTF-8.", Position);
        }
    }

    private static string WithoutPosition(string message) =>
        message.IndexOf(" LineNumber:", StringComparison.Ordinal) is var end and > 0 ? message[..end] : message;
}
