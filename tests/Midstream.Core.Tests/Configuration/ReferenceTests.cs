// The reference in docs/reference says exactly what the option table says.

using System.Globalization;
using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class ReferenceTests
{
    private static readonly string[] s_rows =
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "reference", "configuration.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)),
    ];

    [Fact]
    public void Reference_Rows_AreTheRowsOfTheOptionTable() =>
        Assert.Equal(ConfigOptions.All.Select(RowOf), s_rows);

    internal static string RowOf(ConfigOption option) =>
        $"| `{option.Key}` | {option.Meaning} | {TypeOf(option)} | {RangeOf(option)} | {DefaultOf(option)} |";

    private static string TypeOf(ConfigOption option) => option.Type switch
    {
        OptionType.Integer => option.Unit!,
        OptionType.Text => "text",
        OptionType.Boolean => "true or false",
        OptionType.Section => "object",
        OptionType.TextList => "list of texts",
        OptionType.TextMap => "object of texts",
        _ => $"list of texts (`{option.Shorthand}`) or objects",
    };

    private static string RangeOf(ConfigOption option)
    {
        if (option.Type == OptionType.Integer)
        {
            string range = string.Create(CultureInfo.InvariantCulture, $"{option.Min} to {option.Max}");
            return option.Word is { } word ? $"{range}, or \"{word}\"" : range;
        }

        if (option.Choices is { } choices)
            return string.Join(", ", choices);

        return option.IsRequired ? "required" : option.Rule is { } rule && option.Type == OptionType.Text ? rule.Advice : "";
    }

    private static string DefaultOf(ConfigOption option) => option.Default is { } value ? $"`{value}`" : "none";
}
