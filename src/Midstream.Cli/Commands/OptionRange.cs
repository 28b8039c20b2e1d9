using System.CommandLine;
using System.Globalization;

namespace Midstream.Cli.Commands;

/// <summary>Bounds a number on the command line. The bench's program uses it as well.</summary>
internal static class OptionRange
{
    /// <summary>Refuses numbers outside of a range.</summary>
    /// <param name="option">The option.</param>
    /// <param name="smallest">The smallest number that is accepted.</param>
    /// <param name="largest">The largest number that is accepted.</param>
    public static void Within(this Option<int> option, int smallest, int largest) => option.Validators.Add(result =>
    {
        // From its word: what is no number the parser refuses, and it throws at whoever asks for that.
        if (result.Tokens is [var word] && int.TryParse(word.Value, CultureInfo.InvariantCulture, out var number)
            && (number < smallest || number > largest))
            result.AddError($"{option.Name} is {smallest} to {largest}.");
    });
}
