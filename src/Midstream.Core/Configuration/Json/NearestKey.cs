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
        (string key, int distance) = known.Select(key => (key, Distance(letters, Letters(key)))).MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, key.Length / 3) || IsUnitForgotten(letters, Letters(key)) ? key : null;
    }

    private static bool IsUnitForgotten(string written, string known) =>
        written.Length >= 3 && known.StartsWith(written, StringComparison.Ordinal);

    // Other spellings of the same words (timeoutMs, timeout-ms) are no distance at all.
    private static string Letters(string key) => string.Concat(key.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    // Levenshtein's distance, one row at a time.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
