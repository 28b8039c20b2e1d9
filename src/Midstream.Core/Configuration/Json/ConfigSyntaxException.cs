// Ends the parsing of text that is not JSON: nothing after the mistake can be trusted.

namespace Midstream.Core.Configuration;

/// <summary>
/// Says why and where a text is not JSON. Never leaves this assembly: the reader makes it a <see cref="ConfigError"/>.
/// </summary>
internal sealed class ConfigSyntaxException(string message, ConfigPosition position) : Exception(message)
{
    /// <summary>Where the mistake is.</summary>
    public ConfigPosition Position { get; } = position;
}
