// What a project may reference and what it may do is decided in one table, here.

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Midstream.RepoTests.Rules;

internal static partial class ProjectRules
{
    private const string OperatingSystem = "Midstream.Linux";

    // Projects, packages and frameworks: whatever is not in the row is not allowed.
    private static readonly Dictionary<string, string[]> s_mayReference = new()
    {
        // The analysers are packed with it, not referenced by its code.
        ["Midstream.Abstractions"] = ["Microsoft.AspNetCore.App", "Midstream.Analyzers", "Midstream.Analyzers.CodeFixes"],
        ["Midstream.Analyzers"] = ["Microsoft.CodeAnalysis.Analyzers", "Microsoft.CodeAnalysis.CSharp"],
        ["Midstream.Analyzers.CodeFixes"] =
            ["Midstream.Analyzers", "Microsoft.CodeAnalysis.Analyzers", "Microsoft.CodeAnalysis.CSharp.Workspaces"],
        ["Midstream.Core"] = [],
        ["Midstream.Linux"] = [],
        ["Midstream.Prove"] = [],
        ["Midstream.Releases"] = ["Midstream.Core"],
        ["Midstream.Control"] = ["Midstream.Core", "Midstream.Linux"],
        ["Midstream.Modules"] = ["Midstream.Abstractions", "Midstream.Core", "Midstream.Releases", "Microsoft.AspNetCore.App"],
        ["Midstream.Hosting"] =
            ["Midstream.Abstractions", "Midstream.Core", "Midstream.Linux", "Midstream.Control", "Microsoft.AspNetCore.App"],
        ["Midstream.Roots"] = ["Midstream.Core", "Midstream.Linux", "Microsoft.Diagnostics.Runtime"],
        ["Midstream.Supervisor"] = ["Midstream.Core", "Midstream.Linux", "Midstream.Releases", "Midstream.Control"],
        ["Midstream.Cli"] =
            ["Midstream.Supervisor", "Midstream.Releases", "Midstream.Control", "Midstream.Prove", "System.CommandLine"],
    };

    /// <summary>Finds references between the projects of src/ that the table does not allow.</summary>
    public static IEnumerable<string> ForbiddenReferences(IEnumerable<RepoFile> files) =>
        files.Where(file => file.IsIn("src") && file.Path.EndsWith(".csproj", StringComparison.Ordinal))
            .SelectMany(ForbiddenReferences);

    /// <summary>Finds code that reaches past the runtime outside the one project that may.</summary>
    public static IEnumerable<string> NativeCode(IEnumerable<RepoFile> files) =>
        files.Where(file => (file.IsIn("src") || file.IsIn("samples") || file.IsIn("bench"))
                && !file.IsIn($"src/{OperatingSystem}"))
            .SelectMany(file => Path.GetExtension(file.Path) switch
            {
                ".cs" => RepoFile.Find(file, file.Code, Native(), $"only {OperatingSystem} calls the operating system"),
                ".csproj" or ".props" => RepoFile.Find(file, file.Text, Unsafe(), $"only {OperatingSystem} holds unsafe code"),
                _ => [],
            });

    private static IEnumerable<string> ForbiddenReferences(RepoFile project)
    {
        var name = Path.GetFileNameWithoutExtension(project.Name);
        if (!s_mayReference.TryGetValue(name, out var allowed))
            return [$"{project.Path}: has no row in the table of {nameof(ProjectRules)}"];

        return XDocument.Parse(project.Text).Descendants()
            .Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference" or "FrameworkReference")
            .Select(element => (Kind: element.Name.LocalName, Target: (string?)element.Attribute("Include") ?? ""))
            .Select(reference => reference.Kind == "ProjectReference"
                ? Path.GetFileNameWithoutExtension(reference.Target.Replace('\\', '/'))
                : reference.Target)
            .Where(target => !allowed.Contains(target))
            .Select(target => $"{project.Path}: {name} may not reference {target}");
    }

    [GeneratedRegex(@"\b(unsafe|LibraryImport|DllImport)\b")]
    private static partial Regex Native();

    [GeneratedRegex("<AllowUnsafeBlocks")]
    private static partial Regex Unsafe();
}
