// How many workers: a number, or "as many as there are processors", which only the machine that runs them can say.

using System.Globalization;

namespace Midstream.Core.Configuration;

/// <summary>Holds a number of workers as it was written.</summary>
/// <param name="Number">The number; null for as many as there are processors.</param>
public readonly record struct WorkersCount(long? Number)
{
    /// <summary>The text for as many as there are processors.</summary>
    public const string Auto = "auto";

    /// <summary>As many as there are processors.</summary>
    public static WorkersCount PerProcessor => default;

    /// <summary>Reads a number of workers.</summary>
    /// <param name="text">1 to 1024, or "auto".</param>
    /// <returns>The number of workers; null when the text is neither.</returns>
    public static WorkersCount? TryParse(string text)
    {
        if (text == Auto)
            return PerProcessor;

        ConfigOption option = ConfigOptions.Get("workers.count");
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number >= option.Min && number <= option.Max ? new WorkersCount(number) : null;
    }
}
