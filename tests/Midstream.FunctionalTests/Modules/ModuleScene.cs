using System.Text.Json;
using Midstream.Control.Operators;
using Midstream.TestKit;

namespace Midstream.FunctionalTests.Modules;

/// <summary>A service whose application hosts modules, and packages that do what their versions say.</summary>
internal sealed class ModuleScene : IAsyncDisposable
{
    private const string Module = "fickle";

    private static readonly HttpClient s_http = new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = TimeSpan.Zero,
        UseCookies = false,
    });

    private readonly List<MidstreamService> _services = [];
    private readonly string _configuration;

    private ModuleScene(TemporaryFolder folder, string configuration)
    {
        Folder = folder;
        _configuration = configuration;
    }

    public TemporaryFolder Folder { get; }

    /// <summary>Gets the service under its latest `midstream run`.</summary>
    public MidstreamService Service => _services[^1];

    /// <summary>Gets where the module answers.</summary>
    public Uri Url => new(_services[^1].Url, $"/{Module}");

    /// <summary>Gets the file that a package of the kind <c>waits-start</c> waits for.</summary>
    public string Gate => Folder.In("gate");

    public static async Task<ModuleScene> StartAsync(int workers, string? more = null, int probationMs = 50, int keepMs = 0)
    {
        var folder = new TemporaryFolder();
        // For workers that are another user.
        File.SetUnixFileMode(folder.Path, File.GetUnixFileMode(folder.Path) | UnixFileMode.OtherExecute);
        var environment = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["MODULAR_DATA"] = folder.In("data"),
            ["MODULAR_UNLOAD_MS"] = "1500",
            ["MODULAR_KEEP_MS"] = $"{keepMs}",
            ["FICKLE_GATE"] = folder.In("gate"),
            // Else not all GC handles are listed to who looks from outside.
            ["DOTNET_GCDynamicAdaptationMode"] = "0",
        });
        var scene = new ModuleScene(folder, $$"""
            { "workers": { "count": {{workers}} }, "probation": { "duration_ms": 50, "modules_ms": {{probationMs}} }, {{more}}
              "environment": {{environment}} }
            """);
        try
        {
            await scene.RunAsync(Repository.Published("tests/TestApps/Modular"));
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a supervisor: the first, or the next.</summary>
    public async Task RunAsync(string? release = null)
    {
        _services.Add(MidstreamService.Launch(Folder, release, _configuration));
        await Service.WaitUntilServingAsync();
        await Service.WaitForStatusAsync(status => status.Operation is null);
    }

    /// <summary>Makes a package.</summary>
    /// <param name="version">What it is to do.</param>
    /// <param name="module">The module's name.</param>
    public string Package(string version, string module = Module)
    {
        var package = Folder.In($"package-{module}-{version}");
        Directory.CreateDirectory(package);
        foreach (var file in Directory.EnumerateFiles(Repository.Published("tests/TestModules/Fickle")))
            File.Copy(file, Path.Combine(package, Path.GetFileName(file)), overwrite: true);
        File.WriteAllText(Path.Combine(package, "module.json"), $$"""
            { "format": 1, "name": "{{module}}", "version": "{{version}}", "assembly": "Fickle.dll" }
            """);
        return package;
    }

    /// <summary>Makes another release: the same program with one file more.</summary>
    public string NextRelease()
    {
        var release = Folder.In("next");
        var published = Repository.Published("tests/TestApps/Modular");
        foreach (var file in Directory.EnumerateFiles(published, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(release, Path.GetRelativePath(published, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        File.WriteAllText(Path.Combine(release, "next.txt"), Guid.NewGuid().ToString());
        return release;
    }

    /// <summary>Runs `midstream module` to its end.</summary>
    public async Task<(int ExitCode, OperatorEvent? Answer)> ModuleAsync(params string[] arguments)
    {
        var program = await Service.RunAsync(["module", .. arguments, "--json"]);
        return (program.ExitCode, OperatorProtocol.ReadEvent(program.Output.Trim()));
    }

    /// <summary>Deploys a package that is expected to serve.</summary>
    public async Task<ResultEvent> DeployWellAsync(string version, string module = Module)
    {
        var (code, answer) = await ModuleAsync("deploy", Package(version, module));
        Assert.True(code == 0, $"{answer}\n{Service.Supervisor.Error}");
        return Assert.IsType<ResultEvent>(answer);
    }

    /// <summary>Asks every worker for what it has.</summary>
    public async Task<ModulesEvent> ListAsync() => Assert.IsType<ModulesEvent>((await ModuleAsync("list")).Answer);

    /// <summary>Fails the test unless every worker serves one version, and clients get no other; null for none.</summary>
    public async Task AssertServesAsync(string? version, int workers)
    {
        var list = await ListAsync();
        Assert.Equal(workers, list.Workers.Count);
        Assert.All(list.Workers, worker => Assert.Null(worker.Problem));
        Assert.All(list.Workers, worker => Assert.Equal(
            version ?? "", worker.Modules.FirstOrDefault(module => module.Name == Module)?.Version ?? ""));
        for (var request = 0; request < 4 * workers; request++)
        {
            using var answer = await s_http.GetAsync(Url);
            Assert.Equal(version, answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null);
        }
    }

    /// <summary>Asks once, with one more header.</summary>
    public Task<string> AskAsync(string header, string value) => SendAsync(HttpMethod.Get, "", header, value);

    /// <summary>Sends one request, with one more header.</summary>
    public async Task<string> SendAsync(HttpMethod method, string path, string header, string value)
    {
        using var question = new HttpRequestMessage(method, new Uri($"{Url}{path}"));
        question.Headers.Add(header, value);
        using var answer = await s_http.SendAsync(question);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Fails the test unless requests that ask for the canary get one version.</summary>
    public async Task AssertTriesAsync(string version, int workers)
    {
        for (var request = 0; request < 4 * workers; request++)
            Assert.Equal(version, await AskAsync("X-Try", "canary"));
    }

    /// <summary>Counts one up in the module's state.</summary>
    public async Task<string> CountAsync()
    {
        using var answer = await s_http.PostAsync(new Uri($"{Url}/count"), content: null);
        return await answer.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_services))
            await service.DisposeAsync();
        Folder.Dispose();
    }
}
