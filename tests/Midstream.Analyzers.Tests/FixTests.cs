// That each fix makes code that compiles and that its rule is content with.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;
using Midstream.Analyzers.CodeFixes;

namespace Midstream.Analyzers.Tests;

public sealed class FixTests
{
    private static readonly List<CodeFixProvider> s_fixes =
    [
        .. typeof(RuleFix).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(RuleFix)))
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    [Theory]
    [InlineData("MSM001",
        "public void Poll(IModuleContext c) => new PeriodicTimer(TimeSpan.FromSeconds(1)).WaitForNextTickAsync(c.Stopping);",
        "new PeriodicTimer(TimeSpan.FromSeconds(1), c.Time)")]
    [InlineData("MSM003", "IModuleContext? _c; public void Begin() { _ = Task.Run(() => { }); _c = null; }",
        "_c.Run(\"Run\", _ => Task.Run(() => { }))")]
    [InlineData("MSM003",
        "public void Begin(IModuleContext context) => _ = Import(); static Task Import() => Task.CompletedTask;", null)]
    [InlineData("MSM007", "public Task Wait(IModuleContext c) => Task.Delay(60_000);", "Task.Delay(60_000, c.Stopping)")]
    [InlineData("MSM007", "public Task Wait(CancellationToken end) => Task.Delay(60_000, CancellationToken.None);",
        "Task.Delay(60_000, end)")]
    [InlineData("MSM008",
        "public void Wait(CancellationToken end) { var s = CancellationTokenSource.CreateLinkedTokenSource(end); s.Cancel(); }",
        "using var s = ")]
    [InlineData("MSM019", "public HttpClient Make(IModuleContext c) => new HttpClient();", "=> c.CreateHttpClient()")]
    [InlineData("MSM019", "public HttpClient Make() => new HttpClient();", null)]
    [InlineData("MSM020", "public void Count(IModuleContext c) { var m = new Meter(\"m\"); m.CreateCounter<int>(\"n\"); }",
        "var m = c.Meter;")]
    [InlineData("MSM021", "public async void Go() { await Task.Yield(); }", "public async Task Go()")]
    [InlineData("MSM025", "internal sealed class Pricing : IModule;", "public sealed class Pricing : IModule;")]
    public async Task Fix_OfItsRule_CompilesAndNothingIsFoundAnyMore(string id, string members, string? expected)
    {
        var code = ModuleCode.In(members);
        var found = Assert.Single(await ModuleCode.FindAsync(code), one => one.Id == id);

        var cured = await ApplyAsync(code, found);

        if (expected is null)
        {
            Assert.Null(cured);
            return;
        }

        Assert.NotNull(cured);
        Assert.Contains(expected, cured, StringComparison.Ordinal);
        Assert.DoesNotContain(await ModuleCode.FindAsync(cured), one => one.Id == id);
    }

    [Fact]
    public void Fixes_OfTheTable_AreThoseThatThereAre() => Assert.All(RulePage.All, page => Assert.Equal(
        s_fixes.Exists(fix => fix.FixableDiagnosticIds.Contains(page.Id)),
        page.Text.Contains("Editors offer a fix.", StringComparison.Ordinal)));

    private static async Task<string?> ApplyAsync(string code, Diagnostic found)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject(ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "Module", "Module", LanguageNames.CSharp,
            compilationOptions: ModuleCode.Options, parseOptions: ModuleCode.Language,
            metadataReferences: ModuleCode.References));
        project = project.AddDocument("Usings.cs", SourceText.From(ModuleCode.Compile("").SyntaxTrees[0].ToString())).Project;
        var document = project.AddDocument("Module.cs", SourceText.From(code));

        var offered = new List<CodeAction>();
        var fix = s_fixes.Single(one => one.FixableDiagnosticIds.Contains(found.Id));
        var tree = await document.GetSyntaxTreeAsync();
        var here = Diagnostic.Create(found.Descriptor, Location.Create(tree!, found.Location.SourceSpan));
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, here, (action, _) => offered.Add(action), default));
        if (offered.Count == 0)
            return null;

        var changed = (await offered.Single().GetOperationsAsync(default)).OfType<ApplyChangesOperation>().Single();
        return (await changed.ChangedSolution.GetDocument(document.Id)!.GetTextAsync()).ToString();
    }
}
