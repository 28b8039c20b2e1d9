// Makes the list of sockets of the list of URLs: one URL may be two sockets, and each socket has a name of its own.

using System.Globalization;

namespace Midstream.Core.Configuration;

/// <summary>Makes sockets of listen entries and refuses those that cannot be bound together.</summary>
internal sealed class ListenResolver
{
    private readonly List<ListenSocket> _sockets = [];
    private readonly HashSet<string> _names = [];
    private readonly ConfigErrors _errors;

    private ListenResolver(ConfigErrors errors) => _errors = errors;

    /// <summary>Makes sockets of entries.</summary>
    /// <param name="entries">The entries.</param>
    /// <param name="pathOf">What the errors call the entry of an index.</param>
    /// <param name="errors">Where to add what is wrong.</param>
    /// <returns>The sockets, in the order of the entries; not to be used when there are errors.</returns>
    public static IReadOnlyList<ListenSocket> Resolve(
        IReadOnlyList<ListenConfig> entries, Func<int, string> pathOf, ConfigErrors errors)
    {
        var resolver = new ListenResolver(errors);
        for (int i = 0; i < entries.Count; i++)
            resolver.ReserveName(entries[i], pathOf(i));

        for (int i = 0; i < entries.Count; i++)
            resolver.Add(entries[i], pathOf(i));

        return resolver._sockets;
    }

    // Names that were chosen are reserved before any is made up, so that no made-up name takes one.
    private void ReserveName(ListenConfig entry, string path)
    {
        if (entry.Name is null)
            return;

        if (!TextRules.SocketName.Accepts(entry.Name))
            _errors.Add($"{path}.name", $"\"{entry.Name}\" cannot name a socket; {TextRules.SocketName.Advice}.");
        else if (!_names.Add(entry.Name))
            _errors.Add($"{path}.name", $"Another socket is called \"{entry.Name}\"; choose a name of its own.");
    }

    private void Add(ListenConfig entry, string path)
    {
        string urlPath = _errors.Knows($"{path}.url") ? $"{path}.url" : path;
        ListenUrl url = ListenUrl.Parse(entry.Url);
        if (url.Error is { } error)
        {
            _errors.Add(urlPath, error);
            return;
        }

        CheckFile(entry, url, path);
        foreach (ListenSocket socket in SocketsOf(entry, url))
        {
            if (_sockets.Find(other => ListenConflict.Exists(other, socket)) is { } other)
            {
                string taken = ListenConflict.Describe(other);
                _errors.Add(urlPath, $"\"{entry.Url}\" takes the same address as {taken} above; remove one.");
            }

            _sockets.Add(socket);
        }
    }

    private void CheckFile(ListenConfig entry, ListenUrl url, string path)
    {
        CheckFileOption($"{path}.mode", entry.Mode, TextRules.Mode, url);
        CheckFileOption($"{path}.owner", entry.Owner, TextRules.Owner, url);
    }

    private void CheckFileOption(string path, string? value, TextRule rule, ListenUrl url)
    {
        if (value is null)
            return;

        if (!rule.Accepts(value))
            _errors.Add(path, $"\"{value}\" cannot be used here; {rule.Advice}.");
        else if (url.UnixPath is null)
            _errors.Add(path, "Only a Unix socket is a file with a mode and an owner; remove this, or listen on unix:/path.");
    }

    private IEnumerable<ListenSocket> SocketsOf(ListenConfig entry, ListenUrl url)
    {
        if (url.UnixPath is not null)
        {
            UnixFileMode mode = TextRules.Mode.Accepts(entry.Mode ?? "") ? ToMode(entry.Mode!) : ListenSocket.ModeDefault;
            yield return new ListenSocket
            {
                Name = NameFor(entry, url, 0), Scheme = url.Scheme, UnixPath = url.UnixPath, Mode = mode, Owner = entry.Owner,
            };
        }

        for (int i = 0; i < url.EndPoints.Count; i++)
            yield return new ListenSocket { Name = NameFor(entry, url, i), Scheme = url.Scheme, EndPoint = url.EndPoints[i] };
    }

    // The first socket of an entry has the name chosen for it; all others are numbered: http, http-2, http-3.
    private string NameFor(ListenConfig entry, ListenUrl url, int index)
    {
        if (entry.Name is not null && index == 0)
            return entry.Name;

        string stem = entry.Name ?? url.Scheme;
        string name = stem;
        for (int number = 2; !_names.Add(name); number++)
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}");

        return name;
    }

    // UnixFileMode's members have the bits of chmod(2), so octal digits are the mode.
    private static UnixFileMode ToMode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
