// A developer's saves, as editors make them, on a real project that is really built; only the deployment is the test's.

using System.Text;
using Midstream.Cli.Watching;
using Midstream.TestKit;

namespace Midstream.Cli.Tests;

public sealed class WatchLoopTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<string> _deployed = [];
    private readonly List<string> _said = [];
    private Task _loop = Task.CompletedTask;

    public WatchLoopTests()
    {
        Directory.CreateDirectory(_folder.In("Library"));
        Directory.CreateDirectory(_folder.In("Module"));
        File.WriteAllText(_folder.In("Library/Library.csproj"), Project(""));
        WriteLibrary("one");
        File.WriteAllText(
            _folder.In("Module/Module.csproj"), Project("""<ProjectReference Include="..\Library\Library.csproj" />"""));
        File.WriteAllText(_folder.In("Module/module.json"), "{}");
        WriteCode("first");
    }

    [Fact]
    public async Task Watch_OfSaves_DeploysEachAndNotWhatDoesNotBuild()
    {
        await StartAsync();
        WriteCode("second");
        await DeployedAsync("second");

        WriteCode("broken\" +");
        await SaidAsync("does not build; the version before goes on");
        Assert.Contains(_said, line => line.StartsWith(_folder.In("Module/Code.cs(1,"), StringComparison.Ordinal)
            && line.Contains("error CS", StringComparison.Ordinal) && !line.Contains(".csproj", StringComparison.Ordinal));
        Assert.Equal(["first", "second"], _deployed);

        WriteCode("third");
        await DeployedAsync("third");
        Assert.Contains(_said, line => line.Contains(" s after the save (build ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watch_OfARenameABurstAndAReferencedProject_DeploysEachOnce()
    {
        await StartAsync();

        // As editors save: a new file takes the old one's name.
        await File.WriteAllTextAsync(_folder.In("Module/.Code.cs.swx"), Code("renamed"));
        File.Move(_folder.In("Module/.Code.cs.swx"), _folder.In("Module/Code.cs"), overwrite: true);
        await DeployedAsync("renamed");

        for (var i = 0; i < 200; i++)
            WriteCode($"burst-{i}");
        await DeployedAsync("burst-199");
        WriteLibrary("two");
        await DeployedAsync("burst-199", 2);

        Assert.Equal(["first", "renamed", "burst-199", "burst-199"], _deployed);
    }

    [Fact]
    public async Task Saves_WhenTheKernelHasLostEvents_AreLookedForAllTheSame()
    {
        Directory.CreateDirectory(_folder.In("Module/obj"));
        using var saves = new SaveWatch(WatchedProject.Find(_folder.In("Module")));
        using var flooded = new CancellationTokenSource();
        // None of these is a save: only that events were lost can ring. Two files by turns, for events that are alike are one.
        // Threads of their own, and many, so that who reads the events gets a small part of the processors.
        var floods = Enumerable.Range(0, 8)
            .Select(number => Task.Factory.StartNew(
                () => Flood($"Module/obj/{number}", flooded.Token), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default))
            .ToList();

        await saves.WaitAsync(_end.Token).WaitAsync(RunningProgram.Patience);

        await flooded.CancelAsync();
        await Task.WhenAll(floods);
        // It goes on: sooner or later what is left of the flood is over, and a save rings.
        var rung = saves.WaitAsync(_end.Token);
        WriteCode("after the flood");
        await rung.WaitAsync(RunningProgram.Patience);
    }

    [Fact]
    public async Task Watch_EndedDuringABuild_LeavesNothingBehind()
    {
        var before = Packages();
        _loop = Run();
        await Waiting.UntilAsync(() => Builds().Count > 0, "a build to begin");

        await _end.CancelAsync();
        await _loop.WaitAsync(RunningProgram.Patience);

        Assert.Empty(Builds());
        Assert.Equal(before, Packages());
        Assert.Empty(_deployed);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _end.Dispose();
        _folder.Dispose();
    }

    private void Flood(string name, CancellationToken enough)
    {
        using var one = File.OpenWrite(_folder.In($"{name}-one"));
        using var other = File.OpenWrite(_folder.In($"{name}-other"));
        while (!enough.IsCancellationRequested)
        {
            RandomAccess.Write(one.SafeFileHandle, [1], 0);
            RandomAccess.Write(other.SafeFileHandle, [1], 0);
        }
    }

    private async Task StartAsync()
    {
        _loop = Run();
        await DeployedAsync("first");
    }

    private Task Run() => new WatchLoop(
        WatchedProject.Find(_folder.In("Module")), "Debug", Deploy, Say).RunAsync(_end.Token);

    private Task<WatchedDeployment> Deploy(string package)
    {
        var code = Encoding.Unicode.GetString(File.ReadAllBytes(Path.Combine(package, "Module.dll")));
        // The string may begin at an odd byte of the file.
        var other = Encoding.Unicode.GetString(File.ReadAllBytes(Path.Combine(package, "Module.dll")).AsSpan(1));
        lock (_said)
            _deployed.Add(WordIn(code) ?? WordIn(other) ?? "none");
        return Task.FromResult(new WatchedDeployment("module serves", null));
    }

    private static string? WordIn(string code)
    {
        var at = code.IndexOf("word=", StringComparison.Ordinal);
        return at < 0 ? null : code[(at + 5)..code.IndexOf(';', at)];
    }

    private void Say(string line)
    {
        lock (_said)
            _said.Add(line);
    }

    private Task DeployedAsync(string word, int times = 1) =>
        UntilAsync(() => _deployed.Count(one => one == word) >= times, word);

    private Task SaidAsync(string text) =>
        UntilAsync(() => _said.Exists(line => line.Contains(text, StringComparison.Ordinal)), text);

    private Task UntilAsync(Func<bool> condition, string what) => Eventually.HoldsAsync(
        () =>
        {
            lock (_said)
                return condition() || _loop.IsCompleted;
        },
        () => $"In vain waited for {what}:\n{string.Join('\n', _said)}",
        TimeSpan.FromMinutes(3));

    private void WriteCode(string word) => File.WriteAllText(_folder.In("Module/Code.cs"), Code(word));

    private void WriteLibrary(string word) => File.WriteAllText(
        _folder.In("Library/Library.cs"), $$"""public static class Library { public const string Word = "{{word}}"; }""");

    private static string Code(string word) =>
        $$"""public static class Code { public static string Word => Library.Word + "word={{word}};"; }""";

    private static string Project(string reference) => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
          </PropertyGroup>
          <ItemGroup>{reference}</ItemGroup>
        </Project>
        """;

    // The processes of a build of this test's project.
    private List<string> Builds() =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(process => char.IsDigit(Path.GetFileName(process)[0]))
            .Select(CommandLine)
            .Where(command => command.Contains(_folder.Path, StringComparison.Ordinal)),
    ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static HashSet<string> Packages() => [.. Directory.EnumerateDirectories(Path.GetTempPath(), "midstream-watch-*")];
}
