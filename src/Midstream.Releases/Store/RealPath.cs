namespace Midstream.Releases;

// Where a path leads once every symbolic link on the way is followed, as path_resolution(7) does it. What does not exist
// is kept as it is written, so a link to nothing has an answer as well.

internal static class RealPath
{
    private const int MostLinks = 40; // The kernel's own limit: path_resolution(7).

    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path) => Follow("/", Path.GetFullPath(path), _ => true)!;

    /// <summary>Whether a link in <paramref name="linkFolder"/> with this relative target stays below
    /// <paramref name="root"/> at every step, also through other links.</summary>
    /// <param name="root">A real path.</param>
    /// <param name="linkFolder">The real path of the link's folder, at or below the root.</param>
    /// <param name="target">What the link holds.</param>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static bool StaysInside(string root, string linkFolder, string target) =>
        Follow(linkFolder, target, place => IsAtOrBelow(root, place)) is not null;

    /// <summary>Compares two real paths by whole names.</summary>
    public static bool IsAtOrBelow(string root, string path) =>
        path == root || path.StartsWith(root.EndsWith('/') ? root : root + "/", StringComparison.Ordinal);

    // Returns null as soon as a step is not allowed.
    private static string? Follow(string start, string path, Func<string, bool> isAllowed)
    {
        var place = start;
        var ahead = new Stack<string>();
        PushNames(ahead, path);
        for (var links = 0; ahead.TryPop(out var name);)
        {
            if (name == "..")
            {
                place = Path.GetDirectoryName(place) ?? "/";
            }
            else if (LinkIn(place, name) is { } target)
            {
                if (++links > MostLinks)
                    throw new IOException($"The links at '{Path.Combine(place, name)}' lead in a circle.");
                PushNames(ahead, target);
                if (target.StartsWith('/'))
                    place = "/";
            }
            else
            {
                place = Path.Combine(place, name);
            }
            if (!isAllowed(place))
                return null;
        }
        return place;
    }

    private static string? LinkIn(string place, string name) => new FileInfo(Path.Combine(place, name)).LinkTarget;

    private static void PushNames(Stack<string> ahead, string path)
    {
        foreach (var name in path.Split('/').Reverse())
        {
            if (name is not ("" or "."))
                ahead.Push(name);
        }
    }
}
