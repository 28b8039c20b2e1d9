// The JSON schema in docs/reference says exactly what the option table says.

using System.Text.Json;
using System.Text.Json.Nodes;
using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class SchemaTests
{
    private static readonly JsonElement s_schema = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "reference", "midstream.schema.json"))).RootElement;

    private static readonly Dictionary<string, JsonElement> s_options = [];

    static SchemaTests() => Collect(s_schema, "");

    public static TheoryData<string> Keys() => [.. ConfigOptions.All.Select(option => option.Key)];

    [Fact]
    public void Schema_Dialect_IsDraft202012() =>
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", s_schema.GetProperty("$schema").GetString());

    [Fact]
    public void Schema_Keys_AreTheKeysOfTheOptionTable() =>
        Assert.Equal(ConfigOptions.All.Select(option => option.Key), s_options.Keys);

    [Theory]
    [MemberData(nameof(Keys))]
    public void Schema_Option_HasTheTablesTypeRangeDefaultAndMeaning(string key)
    {
        ConfigOption option = ConfigOptions.Get(key);
        JsonElement schema = s_options[key];

        Assert.Equal(TypeOf(option), Compact(Raw(schema, "type")));
        Assert.Equal(option.Type == OptionType.Integer ? $"{option.Min}" : null, Raw(schema, "minimum"));
        Assert.Equal(option.Type == OptionType.Integer ? $"{option.Max}" : null, Raw(schema, "maximum"));
        Assert.Equal(Compact(option.Default), Compact(Raw(schema, "default")));
        Assert.Equal(option.Meaning + (option.Unit is { } unit ? $" In {unit}." : ""), Text(schema, "description"));
        Assert.Equal(option.Choices, Choices(schema));
        Assert.Equal(PatternOf(option), Text(schema, "pattern"));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Schema_ListOrMap_HasTheTablesItems(string key)
    {
        ConfigOption option = ConfigOptions.Get(key);
        JsonElement schema = s_options[key];
        switch (option.Type)
        {
            case OptionType.TextList:
                Assert.Equal("\"string\"", Raw(schema.GetProperty("items"), "type"));
                Assert.Equal(option.Rule?.Pattern, Text(schema.GetProperty("items"), "pattern"));
                Assert.Equal("1", Raw(schema, "minItems"));
                break;
            case OptionType.TextMap:
                Assert.Equal("\"string\"", Raw(schema.GetProperty("additionalProperties"), "type"));
                break;
            case OptionType.SectionList:
                JsonElement text = schema.GetProperty("items").GetProperty("anyOf")[0];
                Assert.Equal("\"string\"", Raw(text, "type"));
                Assert.Equal(ConfigOptions.Get($"{key}[].{option.Shorthand}").Rule?.Pattern, Text(text, "pattern"));
                break;
        }
    }

    [Fact]
    public void Schema_Sections_AreClosedAndRequireWhatTheTableRequires()
    {
        foreach ((string section, JsonElement schema) in Sections())
        {
            Assert.Equal("false", Raw(schema, "additionalProperties"));
            string[] required = [.. ConfigOptions.In(section).Where(option => option.IsRequired).Select(option => option.Name)];
            Assert.Equal(required, schema.TryGetProperty("required", out JsonElement names)
                ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
                : []);
        }
    }

    private static IEnumerable<(string Section, JsonElement Schema)> Sections()
    {
        yield return ("", s_schema);
        foreach ((string key, JsonElement schema) in s_options)
        {
            OptionType type = ConfigOptions.Get(key).Type;
            if (type == OptionType.Section)
                yield return (key, schema);
            else if (type == OptionType.SectionList)
                yield return ($"{key}[]", schema.GetProperty("items").GetProperty("anyOf")[1]);
        }
    }

    private static void Collect(JsonElement section, string path)
    {
        foreach (JsonProperty property in section.GetProperty("properties").EnumerateObject())
        {
            string key = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            s_options.Add(key, property.Value);
            if (property.Value.TryGetProperty("properties", out _))
                Collect(property.Value, key);
            else if (property.Value.TryGetProperty("items", out JsonElement items)
                && items.TryGetProperty("anyOf", out JsonElement forms))
                Collect(forms[1], $"{key}[]");
        }
    }

    // JSON Schema applies bounds to numbers alone, and patterns to texts alone.
    private static string? PatternOf(ConfigOption option) => option.Type == OptionType.Text ? option.Rule?.Pattern
        : option.Word is { } word ? $"^{word}$" : null;

    private static string TypeOf(ConfigOption option) =>
        option.Word is null ? TypeOf(option.Type) : $"[{TypeOf(option.Type)},\"string\"]";

    private static string TypeOf(OptionType type) => type switch
    {
        OptionType.Text => "\"string\"",
        OptionType.Integer => "\"integer\"",
        OptionType.Boolean => "\"boolean\"",
        OptionType.TextList or OptionType.SectionList => "\"array\"",
        _ => "\"object\"",
    };

    // JSON without the white space between its parts.
    private static string? Compact(string? json) => json is null ? null : JsonNode.Parse(json)!.ToJsonString();

    private static string[]? Choices(JsonElement schema) =>
        schema.TryGetProperty("enum", out JsonElement choices)
            ? [.. choices.EnumerateArray().Select(choice => choice.GetString()!)]
            : null;

    private static string? Raw(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : null;

    private static string? Text(JsonElement schema, string name) =>
        schema.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
