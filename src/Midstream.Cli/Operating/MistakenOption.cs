using System.CommandLine;
using System.CommandLine.Parsing;

namespace Midstream.Cli.Operating;

/// <summary>
/// Finds an option that a command does not have. The parser takes such a word for the command's argument: a misspelt option would
/// be a folder to deploy or a release to go back to.
/// </summary>
internal static class MistakenOption
{
    /// <summary>Looks at the arguments of the command that is called; behind <c>--</c> every word is an argument.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>The first such word; null when there is none.</returns>
    public static string? Find(ParseResult parsed)
    {
        var behindDashes = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash)
            .Select(token => token.Value).ToHashSet();
        return parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .FirstOrDefault(word => word.Length > 1 && word[0] == '-' && !behindDashes.Contains(word));
    }
}
