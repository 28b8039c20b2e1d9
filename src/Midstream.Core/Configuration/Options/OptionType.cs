// The kinds of value an option can have.

namespace Midstream.Core.Configuration;

/// <summary>Names what an option's value looks like in JSON.</summary>
internal enum OptionType
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A number without a fraction.</summary>
    Integer,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>An object whose members are options of their own.</summary>
    Section,

    /// <summary>An array of strings, not empty.</summary>
    TextList,

    /// <summary>An object whose members are the user's own and all strings.</summary>
    TextMap,

    /// <summary>An array whose items are sections, or strings that stand for a section with one member.</summary>
    SectionList,
}
