// Each rule on the code of its own page, and where it has to be silent.

using Microsoft.CodeAnalysis;
using Midstream.TestKit;

namespace Midstream.Analyzers.Tests;

public sealed class RuleTests
{
    private static readonly (string, string) s_withoutGenerator = ("EnableRequestDelegateGenerator", "");
    private static readonly (string, string) s_withGenerator = ("EnableRequestDelegateGenerator", "true");

    public static TheoryData<string> Ids => [.. ModuleCode.Rules.Select(rule => rule.SupportedDiagnostics.Single().Id).Order()];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Rule_ExamplesOfItsPage_Found(string id)
    {
        foreach (var code in Blocks(id, "Example"))
            Assert.Contains(id, await IdsAsync(code, s_withoutGenerator));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Rule_CuresOfItsPage_NothingFound(string id)
    {
        foreach (var code in Blocks(id, "Cure"))
        {
            var found = await ModuleCode.FindAsync(code, s_withGenerator);
            Assert.DoesNotContain(found, one => one.Id == id || one.Severity >= DiagnosticSeverity.Warning);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Rule_OutsideOfModules_NothingFound(string id)
    {
        foreach (var code in Blocks(id, "Example"))
        {
            var elsewhere = code.Replace(": IModule", ": ICloneable", StringComparison.Ordinal)
                .Replace("Pricing : ICloneable;", "Pricing;", StringComparison.Ordinal)
                .Replace("Pricing : ICloneable", "Pricing", StringComparison.Ordinal)
                .Replace("Pricing(string path) : ICloneable", "Pricing(string path)", StringComparison.Ordinal);
            Assert.Empty(await IdsAsync(elsewhere, s_withoutGenerator));
        }
    }

    [Fact]
    public void Rule_ItsLinkAndTitle_AreThoseOfItsPage()
    {
        var rules = ModuleCode.Rules.Select(rule => rule.SupportedDiagnostics.Single()).OrderBy(rule => rule.Id).ToList();

        Assert.Equal(rules.Select(rule => $"# {rule.Id}: {rule.Title}"), RulePage.All.Select(page => page.Title));
        Assert.All(rules, rule => Assert.Equal($"{RulePage.Folder}/{rule.Id}.md", rule.HelpLinkUri));
    }

    [Theory]
    [InlineData("docs/analyzers/README.md", "[{0}]({0}.md) |")]
    [InlineData("src/Midstream.Analyzers/AnalyzerReleases.Unshipped.md", "{0} | Midstream.Modules |")]
    public void Rule_Lists_HaveALineForEachAndNoOther(string path, string start)
    {
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, path))
            .Where(line => line.Contains("MSM", StringComparison.Ordinal))
            .Where(line => line.Contains(" | ", StringComparison.Ordinal)).Select(line => line.TrimStart('|', ' ')).ToList();
        var starts = ModuleCode.Rules.Select(rule => rule.SupportedDiagnostics.Single().Id).Order()
            .Select(id => string.Format(System.Globalization.CultureInfo.InvariantCulture, start, id)).ToList();

        Assert.Equal(starts.Count, lines.Count);
        Assert.All(starts.Zip(lines), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("", false)]
    public async Task Rules_ALibraryWithoutAModule_LookAsTheProjectSays(string said, bool looks)
    {
        const string Library = "public static class Work { public static void Begin() => _ = Task.Run(() => { }); }";

        Assert.Equal(looks, (await IdsAsync(Library, ("MidstreamModule", said))).Contains("MSM003"));
    }

    [Fact]
    public async Task Rules_AProjectThatSaysItIsNoModule_Silent() =>
        Assert.Empty(await IdsAsync(Blocks("MSM003", "Example")[0], ("MidstreamModule", "false")));

    [Fact]
    public async Task RequestDelegates_PropertyNotShown_NothingFound() =>
        Assert.DoesNotContain("MSM012", await IdsAsync(Blocks("MSM012", "Example")[0]));

    // What a careful author writes: a finding here would be wrong.
    [Theory]
    [InlineData("public Timer Make() => new(_ => { });")]
    [InlineData("public void Make(List<IDisposable> owned) => owned.Add(new Timer(_ => { }));")]
    [InlineData("public void Make(IServiceCollection s) => s.AddSingleton(_ => new Meter(\"m\"));")]
    [InlineData("Timer? _t; public void Make() => _t = new(_ => { }); public void End() => _t?.Dispose();")]
    [InlineData("Timer? _t; public void Make() => _t = new(_ => { }); public object? End() => Volatile.Read(ref _t);")]
    [InlineData("Timer? _t; public void Make() => _t ??= new(_ => { }); public void End() { using (_t) { } }")]
    [InlineData("public void Make() { var t = new Timer(_ => { }); try { } finally { t.Dispose(); } }")]
    [InlineData("public Task Now() => Task.Delay(10);")]
    [InlineData("public Task Now() => Task.Delay(TimeSpan.FromMilliseconds(50));")]
    [InlineData("public Task Now(TimeProvider time) => Task.Delay(TimeSpan.FromHours(1), time);")]
    [InlineData("Task? _work; public void Begin() => _work = Task.Run(() => { });")]
    [InlineData("public async Task Wait(Task t) { _ = await Task.WhenAny(t); }")]
    [InlineData("public event Action? Changed; public void On() => Changed += () => { };")]
    [InlineData("public void On(FileSystemWatcher w) => w.Changed += (_, _) => { };")]
    [InlineData("public void Make() => System.Text.Encoding.RegisterProvider(System.Text.CodePagesEncodingProvider.Instance);")]
    [InlineData("public GCHandle Hold() => GCHandle.Alloc(this);")]
    [InlineData("GCHandle _w; public void W() => _w = GCHandle.Alloc(this, GCHandleType.Weak);")]
    [InlineData("public void Stop(Process other) => other.Kill();")]
    [InlineData("public void On(CancellationToken t) => t.Register(() => { });")]
    [InlineData("public CancellationTokenSource Make() => new();")]
    [InlineData("public void Send(IModuleContext c) => c.Run(\"w\", t => Task.Delay(5_000, t));")]
    [InlineData("public int Get(Task<int> t) => t.Result;")]
    public async Task Rules_GoodCode_NothingFound(string members) =>
        Assert.Empty(await IdsAsync(ModuleCode.In(members), s_withGenerator));

    [Theory]
    [InlineData("MSM001", "public void Make() => new Timer(_ => { });")]
    [InlineData("MSM001", "System.Timers.Timer? _t; public void Make() { _t = new(5); _t.Start(); }")]
    [InlineData("MSM001", "PeriodicTimer _t = new(TimeSpan.FromSeconds(1), TimeProvider.System);")]
    [InlineData("MSM001", "public void Make() => TimeProvider.System.CreateTimer(_ => { }, null, default, default);")]
    [InlineData("MSM003", "public void Begin() => ThreadPool.QueueUserWorkItem(_ => { });")]
    [InlineData("MSM003", "public void Begin() { Action a = () => Task.Factory.StartNew(() => { }); a(); }")]
    [InlineData("MSM004", "public void On() => Console.CancelKeyPress += (_, _) => { };")]
    [InlineData("MSM004", "public void On() => System.Runtime.Loader.AssemblyLoadContext.Default.Resolving += (_, _) => null;")]
    [InlineData("MSM005", "sealed class L : System.Diagnostics.Tracing.EventListener; public void On() => new L();")]
    [InlineData("MSM005",
        "abstract class P : System.Text.EncodingProvider; static void On(P p) => System.Text.Encoding.RegisterProvider(p);")]
    [InlineData("MSM006", "public void On() => Environment.CurrentDirectory = \"/\";")]
    [InlineData("MSM007", "public Task Wait() => Task.Delay(60_000, CancellationToken.None);")]
    [InlineData("MSM008", "CancellationTokenSource _s = new(TimeSpan.FromHours(1));")]
    [InlineData("MSM013", "public object Make() => new System.Xml.Serialization.XmlSerializer(typeof(string));")]
    [InlineData("MSM018", "public void End() => Process.GetCurrentProcess().Kill();")]
    [InlineData("MSM018", "public void End(IHostApplicationLifetime life) => life.StopApplication();")]
    [InlineData("MSM021", "public void On() { Action a = async () => await Task.Yield(); a(); }")]
    [InlineData("MSM022",
        "sealed class D(Task<int> t) : IDisposable { public void Dispose() => _ = t.GetAwaiter().GetResult(); }")]
    [InlineData("MSM023", "static readonly Dictionary<int, int> s_seen = []; public void See(int i) => s_seen[i] = 1;")]
    public async Task Rules_BadCode_Found(string id, string members) =>
        Assert.Equal([id], (await IdsAsync(ModuleCode.In(members), s_withGenerator)).Distinct());

    private static List<string> Blocks(string id, string section)
    {
        var blocks = RulePage.Of(id).Code(section).Select(ModuleCode.In).ToList();
        Assert.NotEmpty(blocks);
        return blocks;
    }

    private static async Task<List<string>> IdsAsync(string code, params (string Name, string Value)[] properties) =>
        [.. (await ModuleCode.FindAsync(code, properties)).Select(one => one.Id)];
}
