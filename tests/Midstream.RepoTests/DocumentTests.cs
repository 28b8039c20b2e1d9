// That what the documents name is there.

using Midstream.RepoTests.Rules;

namespace Midstream.RepoTests;

public sealed class DocumentTests
{
    [Fact]
    public void Links_OfTheRepository_LeadSomewhere() => Rule.Holds(DocumentRules.DeadLinks(Repository.Files, Repository.Exists));

    [Theory]
    [InlineData("[a](missing.md)")]
    [InlineData("[a](../docs/missing.md#part)")]
    [InlineData("[a]: missing.md")]
    public void Links_ToNowhere_Found(string text) => Assert.Single(DeadLinks(text));

    [Theory]
    [InlineData("[a](there.md#part)")]
    [InlineData("[a](../docs/there.md \"title\")")]
    [InlineData("[a](https://example.org/missing.md)")]
    [InlineData("[a](#part)")]
    [InlineData("`[a](missing.md)`")]
    public void Links_GoodOrNotOurs_NotFound(string text) => Assert.Empty(DeadLinks(text));

    [Fact]
    public void Commands_OfTheDocuments_Executable() => Rule.Holds(DocumentRules.MissingCommands(Repository.Files));

    [Theory]
    [InlineData("Run `eng/missing.sh`.")]
    [InlineData("    ./eng/plain.sh --fast")]
    public void Commands_MissingOrNotExecutable_Found(string text) => Assert.Single(MissingCommands(text));

    [Fact]
    public void Commands_Executable_NotFound() => Assert.Empty(MissingCommands("Run eng/test.sh."));

    [Fact]
    public void Packages_OfTheRepository_Explained() => Rule.Holds(DocumentRules.UnexplainedPackages(Repository.Files));

    [Fact]
    public void Packages_OnOneSideOnly_Found()
    {
        var findings = DocumentRules.UnexplainedPackages(
        [
            new RepoFile(DocumentRules.Packages, "<P><PackageVersion Include=\"A\" /><PackageVersion Include=\"B\" /></P>"),
            new RepoFile(DocumentRules.Reasons, "| package | for |\n|---|---|\n| `B` | x |\n| `C` | x |\n"),
        ]);

        Assert.Equal(
            [$"{DocumentRules.Reasons}: A has no line", $"{DocumentRules.Reasons}: C is not in {DocumentRules.Packages}"],
            findings);
    }

    private static IEnumerable<string> DeadLinks(string text) =>
        DocumentRules.DeadLinks([new RepoFile("docs/a.md", text)], path => path == "docs/there.md");

    private static IEnumerable<string> MissingCommands(string text) => DocumentRules.MissingCommands(
    [
        new RepoFile("README.md", text),
        new RepoFile("eng/test.sh", "", IsExecutable: true),
        new RepoFile("eng/plain.sh", ""),
    ]);
}
