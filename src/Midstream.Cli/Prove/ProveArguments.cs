using Midstream.Prove;

namespace Midstream.Cli.Prove;

// Turns what was typed as kind=value into a run's clients and think times, collecting what cannot be understood.
internal sealed class ProveArguments
{
    private readonly List<string> _errors = [];

    public IReadOnlyList<string> Errors => _errors;

    public Dictionary<ClientKind, int> Clients(IEnumerable<string> texts)
    {
        var clients = new Dictionary<ClientKind, int>();
        foreach (var (kind, value, text) in Pairs(texts, "--clients"))
        {
            if (int.TryParse(value, out var count) && count >= 0)
                clients[kind] = count;
            else
                _errors.Add($"--clients {text}: '{value}' is not a number of clients");
        }
        return clients;
    }

    public Dictionary<ClientKind, PauseRange> ThinkTimes(IEnumerable<string> texts)
    {
        var ranges = new Dictionary<ClientKind, PauseRange>();
        foreach (var (kind, value, text) in Pairs(texts, "--think"))
        {
            if (DurationText.TryParseRange(value, out var shortest, out var longest))
                ranges[kind] = new PauseRange(shortest, longest);
            else
                _errors.Add($"--think {text}: '{value}' is not a range such as 0-500ms");
        }
        return ranges;
    }

    public TimeSpan? Duration(string option, string? text)
    {
        if (text is null)
            return null;
        if (DurationText.TryParse(text, out var duration))
            return duration;
        _errors.Add($"{option} {text}: not a duration such as 500ms, 30s or 5m");
        return null;
    }

    private static string KindNames() => string.Join(", ", ClientKinds.All.Select(ClientKinds.NameOf));

    private IEnumerable<(ClientKind Kind, string Value, string Text)> Pairs(IEnumerable<string> texts, string option)
    {
        foreach (var text in texts.SelectMany(t => t.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && ClientKinds.TryParse(text[..equals], out var kind))
                yield return (kind, text[(equals + 1)..], text);
            else
                _errors.Add($"{option} {text}: must be kind=value, kind one of {KindNames()}");
        }
    }
}
