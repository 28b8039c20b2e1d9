// Checks a file's tree against the option table: which keys there are, how often, and what kind of value they have.
// What the values say is ServiceConfigValidator's business, which checks configs that never were a file as well.

namespace Midstream.Core.Configuration;

/// <summary>Checks the shape of a file and learns where each option stands.</summary>
internal sealed class ShapeChecker
{
    private readonly Dictionary<string, ConfigPosition> _positions = [];
    private readonly ConfigErrors _errors;

    private ShapeChecker(string fileName) => _errors = new ConfigErrors(fileName, _positions);

    /// <summary>Checks a file.</summary>
    /// <param name="root">The file's value.</param>
    /// <param name="fileName">The file's name for messages.</param>
    /// <returns>What is wrong so far, and where each option stands.</returns>
    public static (ConfigErrors Errors, IReadOnlyDictionary<string, ConfigPosition> Positions) Check(
        ConfigNode root, string fileName)
    {
        var checker = new ShapeChecker(fileName);
        checker._positions[""] = root.Position;
        if (root.Kind == ConfigNodeKind.Section)
            checker.CheckSection(root, path: "", key: "");
        else
            checker._errors.Add("", $"The file holds {Article(root.Kind)}; write an object: {{ \"command\": [...] }}.");

        return (checker._errors, checker._positions);
    }

    private void CheckSection(ConfigNode section, string path, string key)
    {
        var seen = new HashSet<string>();
        foreach (ConfigMember member in section.Members)
        {
            string memberPath = Join(path, member.Name);
            ConfigOption? option = ConfigOptions.In(key).FirstOrDefault(option => option.Name == member.Name);
            if (option is null)
                _errors.Add(memberPath, UnknownKey(member.Name, key), member.Position);
            else if (!seen.Add(member.Name))
                _errors.Add(memberPath, "This key is here twice; keep one of them.", member.Position);
            else
                CheckValue(member.Value, memberPath, option);
        }

        if (ConfigOptions.In(key).FirstOrDefault(option => option.IsRequired && !seen.Contains(option.Name)) is { } missing)
            _errors.Add(path, $"\"{missing.Name}\" is missing here; add it.", section.Position);
    }

    private void CheckValue(ConfigNode value, string path, ConfigOption option)
    {
        _positions[path] = value.Position;
        if (option.Word is not null && value.Kind == ConfigNodeKind.Text)
            CheckWord(value, path, option);
        else if (value.Kind != KindOf(option.Type))
            _errors.Add(path, WrongKind(value, Wanted(option)));
        else if (option.Type == OptionType.Integer && value.Integer is null)
            _errors.Add(path, $"{value.Text} is not {Wanted(option)}; write one from {option.Min} to {option.Max}.");
        else
            CheckInside(value, path, option);
    }

    private void CheckWord(ConfigNode value, string path, ConfigOption option)
    {
        if (value.Text != option.Word)
            _errors.Add(path, $"\"{value.Text}\" cannot be used here; write {Wanted(option)}.");
    }

    private void CheckInside(ConfigNode value, string path, ConfigOption option)
    {
        switch (option.Type)
        {
            case OptionType.Section:
                CheckSection(value, path, option.Key);
                break;
            case OptionType.TextMap:
                CheckMap(value, path);
                break;
            case OptionType.TextList:
                CheckItems(value, path, (item, at) => CheckText(item, at));
                break;
            case OptionType.SectionList:
                CheckItems(value, path, (item, at) => CheckSectionItem(item, at, option));
                break;
        }
    }

    private void CheckItems(ConfigNode list, string path, Action<ConfigNode, string> check)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            string itemPath = $"{path}[{i}]";
            _positions[itemPath] = list.Items[i].Position;
            check(list.Items[i], itemPath);
        }
    }

    private void CheckSectionItem(ConfigNode item, string path, ConfigOption list)
    {
        if (item.Kind == ConfigNodeKind.Section)
            CheckSection(item, path, $"{list.Key}[]");
        else if (item.Kind != ConfigNodeKind.Text)
            _errors.Add(path, WrongKind(item, $"a text, which is its \"{list.Shorthand}\", or an object"));
    }

    private void CheckMap(ConfigNode map, string path)
    {
        var seen = new HashSet<string>();
        foreach (ConfigMember member in map.Members)
        {
            string memberPath = Join(path, member.Name);
            _positions.TryAdd(memberPath, member.Value.Position);
            if (!seen.Add(member.Name))
                _errors.Add(memberPath, "This key is here twice; keep one of them.", member.Position);
            else
                CheckText(member.Value, memberPath);
        }
    }

    private void CheckText(ConfigNode value, string path)
    {
        if (value.Kind != ConfigNodeKind.Text)
            _errors.Add(path, WrongKind(value, "a text in double quotes"));
    }

    private static string UnknownKey(string name, string section)
    {
        string[] known = [.. ConfigOptions.In(section).Select(option => option.Name)];
        return NearestKey.Find(name, known) is { } near
            ? $"There is no such option; did you mean \"{near}\"?"
            : $"There is no such option; the options here are {string.Join(", ", known)}.";
    }

    private static string WrongKind(ConfigNode value, string wanted) => value.Kind == ConfigNodeKind.Null
        ? $"null means nothing here; write {wanted}, or leave the key out."
        : $"This is {Article(value.Kind)}; write {wanted}.";

    private static ConfigNodeKind KindOf(OptionType type) => type switch
    {
        OptionType.Text => ConfigNodeKind.Text,
        OptionType.Integer => ConfigNodeKind.Number,
        OptionType.Boolean => ConfigNodeKind.Boolean,
        OptionType.TextList or OptionType.SectionList => ConfigNodeKind.List,
        _ => ConfigNodeKind.Section,
    };

    private static string Wanted(ConfigOption option) => option.Type switch
    {
        OptionType.Integer when option.Word is { } word => $"a whole number of {option.Unit}, or \"{word}\"",
        OptionType.Integer => $"a whole number of {option.Unit}",
        OptionType.Boolean => "true or false",
        OptionType.Text => "a text in double quotes",
        OptionType.TextList or OptionType.SectionList => "a list: [ ... ]",
        _ => "an object: { ... }",
    };

    private static string Article(ConfigNodeKind kind) => kind switch
    {
        ConfigNodeKind.Section => "an object",
        ConfigNodeKind.List => "a list",
        ConfigNodeKind.Text => "a text",
        ConfigNodeKind.Number => "a number",
        ConfigNodeKind.Boolean => "true or false",
        _ => "null",
    };

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
