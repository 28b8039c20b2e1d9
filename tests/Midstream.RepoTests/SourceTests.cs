// How the source of the repository is written.

using Midstream.RepoTests.Rules;

namespace Midstream.RepoTests;

public sealed class SourceTests
{
    [Fact]
    public void Logging_OfTheRepository_Generated() => Rule.Holds(SourceRules.HandWrittenLogging(Repository.Files));

    [Fact]
    public void Logging_ByHand_Found() =>
        Assert.Single(SourceRules.HandWrittenLogging([Source("logger.LogInformation(\"Started {Id}\", id);")]));

    [Fact]
    public void Printing_OfTheRepository_OnlyInCli() => Rule.Holds(SourceRules.Printing(Repository.Files));

    [Fact]
    public void Printing_InALibrary_Found()
    {
        const string Text = "Console.WriteLine();";

        Assert.Single(SourceRules.Printing([Source(Text)]));
        Assert.Empty(SourceRules.Printing([new RepoFile("src/Midstream.Cli/A.cs", Text)]));
    }

    [Fact]
    public void FileLength_OfTheRepository_Bounded() => Rule.Holds(SourceRules.LongFiles(Repository.Files));

    [Fact]
    public void FileLength_OneLineTooMany_Found()
    {
        Assert.Empty(SourceRules.LongFiles([Source(Lines(500))]));
        Assert.Single(SourceRules.LongFiles([Source(Lines(501))]));
    }

    [Fact]
    public void LineLength_OfTheRepository_Bounded() => Rule.Holds(SourceRules.LongLines(Repository.Files));

    [Fact]
    public void LineLength_OneColumnTooMany_Found()
    {
        Assert.Empty(SourceRules.LongLines([Source(new string('x', 130))]));
        Assert.Single(SourceRules.LongLines([Source(new string('x', 131))]));
    }

    [Fact]
    public void Folders_OfTheRepository_NameConcepts() => Rule.Holds(SourceRules.MeaninglessFolders(Repository.Files));

    [Theory]
    [InlineData("src/Midstream.Core/Utils/A.cs")]
    [InlineData("tests/helpers/A.cs")]
    public void Folders_WithoutMeaning_Found(string path) =>
        Assert.Single(SourceRules.MeaninglessFolders([new RepoFile(path, "")]));

    [Fact]
    public void Work_OfTheRepository_Finished() => Rule.Holds(SourceRules.Unfinished(Repository.Files));

    [Theory]
    [InlineData("// TO" + "DO: later")]
    [InlineData("// FIX" + "ME")]
    [InlineData("throw new NotImplemented" + "Exception();")]
    public void Work_LeftForLater_Found(string text) => Assert.Single(SourceRules.Unfinished([Source(text)]));

    [Fact]
    public void Reasons_OfTheRepository_ComeFirst() => Rule.Holds(SourceRules.WithoutReason(Repository.Files));

    [Fact]
    public void Reasons_Missing_Found() =>
        Assert.Single(SourceRules.WithoutReason([Source("using System;\n\nnamespace A;\n\npublic class B;\n// Too late.\n")]));

    [Theory]
    [InlineData("// Why it exists.\n\nnamespace A;\n\npublic class B;\n")]
    [InlineData("using System;\n\nnamespace A;\n\n/// <summary>Why it exists.</summary>\npublic class B;\n")]
    public void Reasons_Given_NotFound(string text) => Assert.Empty(SourceRules.WithoutReason([Source(text)]));

    private static RepoFile Source(string text) => new("src/Midstream.Core/A.cs", text);

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("x\n", count));
}
