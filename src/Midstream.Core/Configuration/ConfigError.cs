// One thing wrong with what a user wrote, and where.

using System.Globalization;

namespace Midstream.Core.Configuration;

/// <summary>Names one mistake in a configuration file or on the command line, and says what to do about it.</summary>
public sealed record ConfigError
{
    /// <summary>What <see cref="File"/> says when the mistake is on the command line.</summary>
    public const string CommandLine = "command line";

    /// <summary>The file's name as it was given, or <see cref="CommandLine"/>.</summary>
    public required string File { get; init; }

    /// <summary>The line, counted from 1; 0 where there is none (command line, or a file that was not read from text).</summary>
    public int Line { get; init; }

    /// <summary>The column in characters, counted from 1; 0 where there is none.</summary>
    public int Column { get; init; }

    /// <summary>The option, such as "listen[1].mode"; empty when the whole file is meant.</summary>
    public required string Path { get; init; }

    /// <summary>What is wrong and what to write instead.</summary>
    public required string Message { get; init; }

    /// <summary>
    /// Returns the error in the form editors and terminals link to: "midstream.json:3:12: listen[1].mode: ...".
    /// </summary>
    public override string ToString()
    {
        string where = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}") : File;
        return Path.Length > 0 ? $"{where}: {Path}: {Message}" : $"{where}: {Message}";
    }
}
