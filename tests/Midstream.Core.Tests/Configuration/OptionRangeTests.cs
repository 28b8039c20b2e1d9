// Every row of the option table is kept by the reader: both ends of each range, each type, each choice.

using System.Text;
using Midstream.Core.Configuration;

namespace Midstream.Core.Tests.Configuration;

public class OptionRangeTests
{
    public static TheoryData<string> Numbers() => Keys(option => option.Type == OptionType.Integer);

    public static TheoryData<string> Defaults() => Keys(option => option.Default is not null);

    public static TheoryData<string> All() => Keys(_ => true);

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Read_NumberAtAndBeyondTheEndsOfItsRange_IsTakenAndRefused(string key)
    {
        ConfigOption option = ConfigOptions.Get(key);

        Assert.Empty(Errors(key, $"{option.Min}"));
        Assert.Empty(Errors(key, $"{option.Max}"));
        Assert.Contains("out of range", Assert.Single(Errors(key, $"{option.Min - 1}")).Message, StringComparison.Ordinal);
        Assert.Contains("out of range", Assert.Single(Errors(key, $"{option.Max + 1}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Defaults))]
    public void Read_Default_IsAllowed(string key) => Assert.Empty(Errors(key, ConfigOptions.Get(key).Default!));

    [Theory]
    [MemberData(nameof(All))]
    public void Read_ValueOfAnotherType_IsRefusedAtTheOption(string key)
    {
        string wrong = ConfigOptions.Get(key).Type == OptionType.Boolean ? "1" : "true";

        Assert.Equal(key.Replace("[]", "[0]", StringComparison.Ordinal), Assert.Single(Errors(key, wrong)).Path);
    }

    [Fact]
    public void Read_Choices_AreTheOnlyTextsTaken()
    {
        Assert.All(SignalName.All, signal => Assert.Empty(Errors("stop.signal", $"\"{signal}\"")));
        Assert.Single(Errors("stop.signal", "\"SIGTERM\""));
        Assert.Empty(Errors("workers.replace", "\"all-at-once\""));
        Assert.Single(Errors("workers.replace", "\"rolling\""));
    }

    [Fact]
    public void Read_WordInPlaceOfANumber_IsTheOnlyTextTaken()
    {
        Assert.Empty(Errors("workers.count", "\"auto\""));
        Assert.Equal(
            "\"4\" cannot be used here; write a whole number of workers, or \"auto\".",
            Assert.Single(Errors("workers.count", "\"4\"")).Message);
        Assert.Single(Errors("workers.count", "1.5"));
        Assert.Single(Errors("drain.timeout_ms", "\"auto\""));
    }

    [Theory]
    [InlineData("limits.user", "a:b")]
    [InlineData("limits.group", "")]
    [InlineData("limits.umask", "27")]
    [InlineData("limits.umask", "0888")]
    [InlineData("limits.working_directory", "srv/shop")]
    public void Read_TextAgainstItsRule_IsRefused(string key, string text) =>
        Assert.Equal(key, Assert.Single(Errors(key, $"\"{text}\"")).Path);

    private static TheoryData<string> Keys(Func<ConfigOption, bool> filter) =>
        [.. ConfigOptions.All.Where(filter).Select(option => option.Key)];

    private static IReadOnlyList<ConfigError> Errors(string key, string value) =>
        ServiceConfigReader.Read(Encoding.UTF8.GetBytes(OneOption.File(key, value)), "midstream.json").Errors;
}
