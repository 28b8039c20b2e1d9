// A place in a configuration file.

namespace Midstream.Core.Configuration;

/// <summary>Points at a character of a file.</summary>
/// <param name="Line">The line, counted from 1; 0 when the place is not known.</param>
/// <param name="Column">The column in characters, counted from 1; 0 when the place is not known.</param>
public readonly record struct ConfigPosition(int Line, int Column);
