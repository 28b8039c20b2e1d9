// Finds the key a user probably meant.

namespace Midstream.Core.Configuration;

/// <summary>Finds the nearest known key to one that is not known.</summary>
internal static class NearestKey
{
    /// <summary>Finds the nearest key; null when none is near enough to be worth a guess.</summary>
    /// <param name="written">What the user wrote.</param>
    /// <param name="known">The keys there are.</param>
    public static string? Find(string written, IEnumerable<string> known)
    {
        string letters = Letters(written);
        (string Key, int Distance) nearest =
            known.Select(key => (key, DistanceOf(letters, Letters(key)))).MinBy(pair => pair.Item2);
        return nearest.Distance <= Math.Max(1, nearest.Key.Length / 3) ? nearest.Key : null;
    }

    private static int DistanceOf(string written, string known) => IsAbbreviation(written, known) ? 1 : Distance(written, known);

    // A forgotten unit (timeout for timeout_ms) or a shortened word (env) means the key it begins.
    private static bool IsAbbreviation(string written, string known) =>
        written.Length >= 3 && known.StartsWith(written, StringComparison.Ordinal);

    // Other spellings of the same words (timeoutMs, timeout-ms) are no distance at all.
    private static string Letters(string key) => string.Concat(key.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    // Levenshtein's distance, where two letters in the wrong order count as one mistake (optimal string alignment).
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
                cost[i, j] = i == 0 || j == 0 ? i + j : Cheapest(cost, a, b, i, j);
        }

        return cost[a.Length, b.Length];
    }

    private static int Cheapest(int[,] cost, string a, string b, int i, int j)
    {
        int changed = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        int cheapest = Math.Min(changed, 1 + Math.Min(cost[i - 1, j], cost[i, j - 1]));
        bool isSwapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
        return isSwapped ? Math.Min(cheapest, cost[i - 2, j - 2] + 1) : cheapest;
    }
}
