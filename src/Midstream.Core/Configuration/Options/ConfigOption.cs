// One row of the option table.

namespace Midstream.Core.Configuration;

/// <summary>Describes one option of midstream.json.</summary>
/// <param name="Key">Its path; "[]" stands for any index: "listen[].mode".</param>
/// <param name="Type">What its value looks like.</param>
/// <param name="Meaning">What it means, as a sentence for the reference and the schema.</param>
internal sealed record ConfigOption(string Key, OptionType Type, string Meaning)
{
    /// <summary>What its number counts, such as "ms"; null for what is not a number.</summary>
    public string? Unit { get; init; }

    /// <summary>The smallest number allowed.</summary>
    public long Min { get; init; }

    /// <summary>The largest number allowed.</summary>
    public long Max { get; init; }

    /// <summary>The default as JSON text; null when leaving the option out means "none".</summary>
    public string? Default { get; init; }

    /// <summary>The rule its text, or the texts in its list, must keep; null for none.</summary>
    public TextRule? Rule { get; init; }

    /// <summary>The only texts allowed; null for any.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>For a number: the one text that may stand in its place, such as "auto"; null for none.</summary>
    public string? Word { get; init; }

    /// <summary>Whether its section is wrong without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>For a list of sections: the member that an item stands for when it is a string.</summary>
    public string? Shorthand { get; init; }

    /// <summary>The last part of the key, as it is written in the file.</summary>
    public string Name => Key[(Key.LastIndexOf('.') + 1)..];

    /// <summary>The path of the section the option is in; empty for the file itself.</summary>
    public string Section => Key.LastIndexOf('.') is var dot and >= 0 ? Key[..dot] : "";
}
