// The shop with modules: its own program, built as it builds itself, on a real Kestrel in this process.

using System.Net.Http.Json;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Midstream.Modules;
using Midstream.TestKit;

namespace Midstream.Shop.Tests;

internal sealed class ModularShop : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly WebApplication _application;

    private ModularShop(WebApplication application, TemporaryFolder folder)
    {
        _folder = folder;
        _application = application;
        Client = new HttpClient { BaseAddress = new Uri(application.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public ModuleHost Modules => _application.Services.GetRequiredService<ModuleHost>();

    public static async Task<ModularShop> StartAsync()
    {
        var folder = new TemporaryFolder();
        var application = global::Shop.ModularShop.Build(
        [
            "--urls", "http://127.0.0.1:0", "--contentRoot", AppContext.BaseDirectory, "--Logging:LogLevel:Default", "Warning",
            "--Shop:Database", folder.In("shop.db"), "--Shop:ModuleData", folder.In("modules"),
        ]);
        await application.StartAsync();
        return new ModularShop(application, folder);
    }

    /// <summary>Finds the package that the build of a module has left.</summary>
    public static string Package(string module, int version) =>
        typeof(ModularShop).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == $"{module}.v{version}").Value!;

    public async Task<T> GetAsync<T>(string path) => (await Client.GetFromJsonAsync<T>(path))!;

    /// <summary>Replaces a module, which has to succeed, and has to leave nothing behind.</summary>
    public async Task<Task<Retirement>?> DeployAsync(string module, int version)
    {
        var result = await Modules.DeployAsync(Package(module, version));
        Assert.True(result.Outcome == Core.Modules.SwapOutcome.Moved, $"{module} v{version}: {result.Reason}");
        return result.Retirement;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        _folder.Dispose();
    }
}
