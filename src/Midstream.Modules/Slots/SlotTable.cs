using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Midstream.Modules.Slots;

/// <summary>Where each slot is and who serves in it, at one moment. Immutable; a swap of one module or of a group replaces the
/// whole, so that a request sees all of it or nothing.</summary>
internal sealed class SlotTable
{
    public static readonly SlotTable Empty = new([]);

    private readonly FrozenDictionary<string, SlotEntry[]> _byFirstSegment;
    private readonly FrozenDictionary<string, SlotEntry[]>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly SlotEntry[] _everywhere;

    public SlotTable(IEnumerable<SlotEntry> entries)
    {
        Entries = [.. entries];
        _everywhere = [.. Entries.Where(entry => entry.Path == "/")];
        _byFirstSegment = Entries.Where(entry => entry.Path != "/")
            .GroupBy(entry => FirstSegment(entry.Path).ToString(), StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(
                group => group.Key, group => group.OrderByDescending(entry => entry.Path.Length).ToArray(),
                StringComparer.OrdinalIgnoreCase);
        _lookup = _byFirstSegment.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IReadOnlyList<SlotEntry> Entries { get; }

    /// <summary>Finds the slot with the longest path that a request begins with.</summary>
    public SlotEntry? Find(HttpRequest request)
    {
        var path = request.Path;
        if (_lookup.TryGetValue(FirstSegment(path.Value), out var candidates))
        {
            foreach (var candidate in candidates)
            {
                if (path.StartsWithSegments(candidate.PathString) && candidate.Answers(request))
                    return candidate;
            }
        }

        foreach (var candidate in _everywhere)
        {
            if (candidate.Answers(request))
                return candidate;
        }

        return null;
    }

    private static ReadOnlySpan<char> FirstSegment(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return [];
        var rest = path.AsSpan(1);
        var end = rest.IndexOf('/');
        return end < 0 ? rest : rest[..end];
    }
}

/// <summary>One slot in the table.</summary>
/// <param name="Name">The module's name.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Hosts">The host names for which it answers; empty for all.</param>
/// <param name="Traffic">Who serves in it.</param>
internal sealed record SlotEntry(string Name, string Path, IReadOnlyList<string> Hosts, SlotTraffic Traffic)
{
    public PathString PathString { get; } = new(Path);

    public bool Answers(HttpRequest request) =>
        Hosts.Count == 0 || Hosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase);
}
