// The signals a worker may be asked to end with, by name.

namespace Midstream.Core.Configuration;

/// <summary>
/// Maps the names of signals that can ask a program to end to their numbers on Linux (signal(7)), which x86-64 and arm64 share.
/// KILL is not among them: it asks nothing, and Midstream sends it by itself when the time is up.
/// </summary>
public static class SignalName
{
    /// <summary>The number of TERM.</summary>
    public const int Term = 15;

    private static readonly Dictionary<string, int> s_numbers = new()
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["USR1"] = 10, ["USR2"] = 12, ["TERM"] = Term, ["WINCH"] = 28,
    };

    /// <summary>The names, without SIG and in capitals, in the order of their numbers.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_numbers.Keys];

    /// <summary>Finds the number of a signal.</summary>
    /// <param name="name">The name without SIG and in capitals, such as "TERM".</param>
    /// <param name="number">The number; 0 when there is none.</param>
    /// <returns>Whether the name is one of <see cref="All"/>.</returns>
    public static bool TryGetNumber(string name, out int number) => s_numbers.TryGetValue(name, out number);
}
