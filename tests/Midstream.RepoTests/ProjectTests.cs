// The direction of dependencies, and where unsafe code lives.

using Midstream.RepoTests.Rules;

namespace Midstream.RepoTests;

public sealed class ProjectTests
{
    [Fact]
    public void References_OfTheRepository_FollowTheTable() => Rule.Holds(ProjectRules.ForbiddenReferences(Repository.Files));

    [Theory]
    [InlineData("Midstream.Core", "<ProjectReference Include=\"../Midstream.Linux/Midstream.Linux.csproj\" />")]
    [InlineData("Midstream.Supervisor", "<ProjectReference Include=\"..\\Midstream.Hosting\\Midstream.Hosting.csproj\" />")]
    [InlineData("Midstream.Releases", "<PackageReference Include=\"System.CommandLine\" />")]
    [InlineData("Midstream.Control", "<FrameworkReference Include=\"Microsoft.AspNetCore.App\" />")]
    [InlineData("Midstream.Unlisted", "")]
    public void References_NotInTheTable_Found(string project, string reference)
    {
        var file = new RepoFile($"src/{project}/{project}.csproj", $"<Project><ItemGroup>{reference}</ItemGroup></Project>");

        Assert.Single(ProjectRules.ForbiddenReferences([file]));
    }

    [Fact]
    public void NativeCode_OfTheRepository_OnlyInLinux() => Rule.Holds(ProjectRules.NativeCode(Repository.Files));

    [Theory]
    [InlineData("src/Midstream.Core/A.cs", "public unsafe void Run() { }")]
    [InlineData("src/Midstream.Hosting/A.cs", "[LibraryImport(\"libc\")]")]
    [InlineData("samples/A.cs", "[DllImport(\"libc\")]")]
    [InlineData("bench/A.cs", "[DllImport(\"libc\")]")]
    [InlineData("src/Midstream.Control/Midstream.Control.csproj", "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>")]
    public void NativeCode_Elsewhere_Found(string path, string text) =>
        Assert.Single(ProjectRules.NativeCode([new RepoFile(path, text)]));

    [Theory]
    [InlineData("src/Midstream.Linux/A.cs", "public unsafe void Run() { }")]
    [InlineData("src/Midstream.Core/A.cs", "// unsafe is a word in a comment\nvar text = \"DllImport\";")]
    public void NativeCode_AllowedOrOnlyMentioned_NotFound(string path, string text) =>
        Assert.Empty(ProjectRules.NativeCode([new RepoFile(path, text)]));
}
