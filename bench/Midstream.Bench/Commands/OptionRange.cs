using System.CommandLine;

namespace Midstream.Bench.Commands;

/// <summary>Bounds a number on the command line: every run is bounded, whatever was typed.</summary>
internal static class OptionRange
{
    /// <summary>Refuses numbers outside of a range.</summary>
    /// <param name="option">The option.</param>
    /// <param name="smallest">The smallest number that is accepted.</param>
    /// <param name="largest">The largest number that is accepted.</param>
    public static void Within(this Option<int> option, int smallest, int largest) => option.Validators.Add(result =>
    {
        if (result.GetValue(option) < smallest || result.GetValue(option) > largest)
            result.AddError($"{option.Name} is {smallest} to {largest}.");
    });
}
