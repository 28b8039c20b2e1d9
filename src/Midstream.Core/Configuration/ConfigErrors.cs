// Collects what is wrong with a file, finds where each option stands, and says one thing about each option.

namespace Midstream.Core.Configuration;

/// <summary>Collects the mistakes of one file or of one command line.</summary>
/// <param name="file">The file's name, or <see cref="ConfigError.CommandLine"/>.</param>
/// <param name="positions">Where each option stands, by path.</param>
internal sealed class ConfigErrors(string file, IReadOnlyDictionary<string, ConfigPosition> positions)
{
    private readonly List<ConfigError> _errors = [];
    private readonly HashSet<string> _paths = [];

    /// <summary>Whether an option stands in the file.</summary>
    public bool Knows(string path) => positions.ContainsKey(path);

    /// <summary>Adds a mistake at an option's place; the first mistake of an option is the one reported.</summary>
    public void Add(string path, string message) => Add(path, message, PositionOf(path));

    /// <summary>Adds a mistake at a place.</summary>
    public void Add(string path, string message, ConfigPosition position)
    {
        if (!_paths.Add(path))
            return;

        _errors.Add(new ConfigError
        {
            File = file, Line = position.Line, Column = position.Column, Path = path, Message = message,
        });
    }

    /// <summary>Lists the mistakes in the order of the file.</summary>
    public IReadOnlyList<ConfigError> InOrder() =>
        _errors.OrderBy(error => error.Line).ThenBy(error => error.Column).ToArray();

    // What is missing has no place of its own; the section it is missing from does.
    private ConfigPosition PositionOf(string path)
    {
        for (string at = path; at.Length > 0; at = at[..Math.Max(at.LastIndexOfAny(['.', '[']), 0)])
        {
            if (positions.TryGetValue(at, out ConfigPosition position))
                return position;
        }

        return positions.GetValueOrDefault("");
    }
}
