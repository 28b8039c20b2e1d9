// How the tests of the repository are written, and that every guarantee has one.

using Midstream.RepoTests.Rules;

namespace Midstream.RepoTests;

public sealed class TestCodeTests
{
    private const string Header = "| Guarantee | Test |\n|---|---|\n";
    private static readonly RepoFile s_test =
        new("tests/A/SwapTests.cs", "public sealed class SwapTests\n{\n    public async Task Swap_UnderLoad_NothingLost()\n");

    [Fact]
    public void Waits_OfTheRepository_AwaitEvents() => Rule.Holds(TestRules.Sleeps(Repository.Files));

    [Theory]
    [InlineData("Thread.Sleep(ms);")]
    [InlineData("await Task.Delay(100);")]
    [InlineData("await Task.Delay(TimeSpan.FromSeconds(1), token);")]
    public void Waits_ForATime_Found(string text) => Assert.Single(TestRules.Sleeps([new RepoFile("tests/A.cs", text)]));

    [Fact]
    public void Waits_WithAGivenDelay_NotFound() =>
        Assert.Empty(TestRules.Sleeps([new RepoFile("tests/A.cs", "await Task.Delay(delay, clock, token);")]));

    [Fact]
    public void Guarantees_OfTheRepository_Tested() => Rule.Holds(TestRules.UntestedGuarantees(Repository.Files));

    [Theory]
    [InlineData("| Nothing is lost. | `SwapTests.Swap_UnderLoad_SomethingLost` |")]
    [InlineData("| Nothing is lost. | `OtherTests.Swap_UnderLoad_NothingLost` |")]
    [InlineData("| Nothing is lost. | |")]
    [InlineData("| Nothing is lost. |")]
    public void Guarantees_WithoutATest_Found(string row) => Assert.Single(UntestedGuarantees(Header + row));

    [Fact]
    public void Guarantees_WithoutATable_Found() => Assert.Single(UntestedGuarantees("Nothing is lost."));

    [Theory]
    [InlineData("| Nothing is lost. | `SwapTests.Swap_UnderLoad_NothingLost` |")]
    [InlineData("| Nothing is lost. | [SwapTests.Swap_UnderLoad_NothingLost](../tests/A/SwapTests.cs) |")]
    public void Guarantees_WithATest_NotFound(string row) => Assert.Empty(UntestedGuarantees(Header + row));

    [Fact]
    public void FunctionalTests_OfTheRepository_AreInTheNamespaceOfTheirFolder() =>
        Rule.Holds(TestRules.OutsideOfTheirFolder(Repository.Files));

    [Theory]
    [InlineData("ATests.cs", "namespace Midstream.FunctionalTests;\n[Fact]\n")]
    [InlineData("Logs/ATests.cs", "namespace Midstream.FunctionalTests.Traffic;\n[Fact]\n")]
    [InlineData("Logs/Old/ATests.cs", "namespace Midstream.FunctionalTests.Logs.Old;\n[Theory]\n")]
    public void FunctionalTests_ThatNoPartHas_Found(string path, string text) =>
        Assert.Single(TestRules.OutsideOfTheirFolder([new RepoFile($"{TestRules.Functional}/{path}", text)]));

    [Theory]
    [InlineData("ATests.cs", "namespace Midstream.FunctionalTests;\n[assembly: A]\n")]
    [InlineData("Logs/ATests.cs", "namespace Midstream.FunctionalTests.Logs;\n[Fact]\n")]
    public void FunctionalTests_InTheirFolder_NotFound(string path, string text) =>
        Assert.Empty(TestRules.OutsideOfTheirFolder([new RepoFile($"{TestRules.Functional}/{path}", text)]));

    private static IEnumerable<string> UntestedGuarantees(string document) =>
        TestRules.UntestedGuarantees([new RepoFile(TestRules.Guarantees, document), s_test]);
}
