// The rule for a service's name, which becomes a folder's name, a part of socket paths and a column in lists.

using System.Text;

namespace Midstream.Core.Configuration;

/// <summary>Checks and makes the names of services.</summary>
public static class ServiceName
{
    /// <summary>The longest name, in characters: with its separators it still fits a DNS label and a socket path.</summary>
    public const int LengthMax = 63;

    /// <summary>The rule as a regular expression, for schemas and documentation.</summary>
    public const string Pattern = "^[a-z0-9][a-z0-9-]{0,62}$";

    /// <summary>Tells whether a name keeps the rule.</summary>
    /// <param name="name">The name.</param>
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= LengthMax && name[0] != '-' && name.All(IsAllowed);

    /// <summary>Makes a valid name of a folder's: capitals become small, anything else not allowed becomes a hyphen.</summary>
    /// <param name="folder">The folder's name or path; only its last part counts.</param>
    /// <returns>The name; "app" when the folder's name has no letter or digit of ASCII.</returns>
    public static string FromFolder(string folder)
    {
        var name = new StringBuilder(LengthMax);
        foreach (char c in Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)))
        {
            char lower = char.ToLowerInvariant(c);
            if (IsAllowed(lower) && lower != '-')
                name.Append(lower);
            else if (name.Length > 0 && name[^1] != '-')
                name.Append('-');
        }

        string made = name.ToString(0, Math.Min(name.Length, LengthMax)).TrimEnd('-');
        return made.Length > 0 ? made : ServiceDefaults.Name;
    }

    private static bool IsAllowed(char c) => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-';
}
