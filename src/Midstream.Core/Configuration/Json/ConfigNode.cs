// A piece of JSON that knows where it stands in its file.

namespace Midstream.Core.Configuration;

/// <summary>Names the kinds of JSON value.</summary>
internal enum ConfigNodeKind
{
    /// <summary>{ }</summary>
    Section,

    /// <summary>[ ]</summary>
    List,

    /// <summary>" "</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>null</summary>
    Null,
}

/// <summary>Holds one JSON value and its place.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Position">Where it begins.</param>
internal sealed record ConfigNode(ConfigNodeKind Kind, ConfigPosition Position)
{
    /// <summary>The text of a text; for a number, the digits as written.</summary>
    public string Text { get; init; } = "";

    /// <summary>The value of a number that is whole and fits; null otherwise.</summary>
    public long? Integer { get; init; }

    /// <summary>The value of a boolean.</summary>
    public bool IsTrue { get; init; }

    /// <summary>The members of a section, as often as they were written.</summary>
    public IReadOnlyList<ConfigMember> Members { get; init; } = [];

    /// <summary>The items of a list.</summary>
    public IReadOnlyList<ConfigNode> Items { get; init; } = [];

    /// <summary>Finds the first member of a name and a kind; null when there is none.</summary>
    public ConfigNode? Find(string name, ConfigNodeKind kind) =>
        Members.FirstOrDefault(member => member.Name == name)?.Value is { } value && value.Kind == kind ? value : null;
}

/// <summary>Holds a name in a section and its value.</summary>
/// <param name="Name">The name.</param>
/// <param name="Position">Where the name begins.</param>
/// <param name="Value">The value.</param>
internal sealed record ConfigMember(string Name, ConfigPosition Position, ConfigNode Value);
