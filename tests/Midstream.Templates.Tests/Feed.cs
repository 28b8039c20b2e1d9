// Midstream's packages in a folder, and a `dotnet` that knows no other source, home or cache.

using Midstream.TestKit;

namespace Midstream.Templates.Tests;

internal sealed class Feed : IDisposable
{
    private static readonly string[] s_packed =
    [
        "src/Midstream.Core", "src/Midstream.Releases", "src/Midstream.Abstractions", "src/Midstream.Modules", "templates",
    ];

    // The build of the packages' projects, which was in the tests' own configuration.
    private static readonly string s_configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    // A build on a busy machine.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();

    public string Templates => Directory.GetFiles(_folder.In("feed"), "Midstream.Templates.*.nupkg").Single();

    public static async Task<Feed> MakeAsync()
    {
        var feed = new Feed();
        Directory.CreateDirectory(feed._folder.In("feed"));
        foreach (var project in s_packed)
        {
            await using var packing = RunningProgram.Start("dotnet",
            [
                "pack", Path.Combine(Repository.Root, project), "--no-restore", "--configuration", s_configuration, "--nologo",
                "--output", feed._folder.In("feed"),
            ]);
            var packed = await packing.WaitAsync(s_patience);
            Assert.True(packed.ExitCode == 0, $"{project}: {packed}");
        }

        File.WriteAllText(feed._folder.In("nuget.config"), """
            <configuration>
              <packageSources>
                <clear />
                <add key="feed" value="feed" />
              </packageSources>
            </configuration>
            """);
        return feed;
    }

    public string In(string name) => _folder.In(name);

    /// <summary>Runs <c>dotnet</c> in the folder beside the feed; it has to succeed.</summary>
    public async Task<ProgramResult> DotnetAsync(params string[] arguments)
    {
        await using var running = RunningProgram.Start("dotnet", arguments, _folder.Path, Variables());
        var ended = await running.WaitAsync(s_patience);
        Assert.True(ended.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {ended}");
        return ended;
    }

    /// <summary>Starts a program that was built there.</summary>
    public RunningProgram Start(string program, params string[] arguments) =>
        RunningProgram.Start("dotnet", [program, .. arguments], Path.GetDirectoryName(program), Variables());

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, string?> Variables() => new()
    {
        ["DOTNET_CLI_HOME"] = _folder.In("home"),
        ["NUGET_PACKAGES"] = _folder.In("packages"),
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["XDG_STATE_HOME"] = _folder.In("state"),
    };
}
