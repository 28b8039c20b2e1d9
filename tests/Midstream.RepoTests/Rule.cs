// Says every breach of a rule in full, each on a line that an editor can follow.

namespace Midstream.RepoTests;

internal static class Rule
{
    public static void Holds(IEnumerable<string> breaches)
    {
        var all = breaches.ToList();
        Assert.True(all.Count == 0, $"{all.Count} breaches:\n{string.Join('\n', all)}");
    }
}
