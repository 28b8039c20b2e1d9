// Reads midstream.json and reports everything that is wrong with it at once.

namespace Midstream.Core.Configuration;

/// <summary>Reads configuration files. Stateless, so safe from any thread.</summary>
public static class ServiceConfigReader
{
    /// <summary>Reads a configuration file's text.</summary>
    /// <param name="json">
    /// The text in UTF-8, with or without a byte order mark. Comments and trailing commas are allowed (JSON otherwise: RFC 8259).
    /// </param>
    /// <param name="fileName">The file's name for error messages; nothing is opened.</param>
    /// <returns>What the file says, or every mistake in it; of text that is not JSON, the first.</returns>
    public static ConfigResult Read(ReadOnlySpan<byte> json, string fileName)
    {
        try
        {
            return Check(ConfigParser.Parse(json), fileName);
        }
        catch (ConfigSyntaxException e)
        {
            var errors = new ConfigErrors(fileName, new Dictionary<string, ConfigPosition>());
            errors.Add("", $"This is not JSON: {e.Message}", e.Position);
            return new ConfigResult { Errors = errors.InOrder() };
        }
    }

    private static ConfigResult Check(ConfigNode root, string fileName)
    {
        (ConfigErrors errors, IReadOnlyDictionary<string, ConfigPosition> positions) = ShapeChecker.Check(root, fileName);
        ServiceConfig config = ConfigMapper.Map(root) with { FileName = fileName, Positions = positions };
        ServiceConfigValidator.Check(config, errors);

        IReadOnlyList<ConfigError> found = errors.InOrder();
        return new ConfigResult { Config = found.Count == 0 ? config : null, Errors = found };
    }
}
