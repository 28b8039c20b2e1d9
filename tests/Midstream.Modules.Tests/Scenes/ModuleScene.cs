// A real application on a real Kestrel, with modules and a client.

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.TestKit;

namespace Midstream.Modules.Tests.Scenes;

internal sealed class ModuleScene : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ModuleScene(WebApplication application, TemporaryFolder folder)
    {
        _application = application;
        Folder = folder;
        Host = application.Services.GetRequiredService<ModuleHost>();
        Address = new Uri(application.Urls.Single());
        // Each request is a client of its own, unless it carries a cookie itself.
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
    }

    internal TemporaryFolder Folder { get; }

    internal ModuleHost Host { get; }

    internal Uri Address { get; }

    internal HttpClient Client { get; }

    internal IServiceProvider Services => _application.Services;

    internal static async Task<ModuleScene> StartAsync(
        Action<ModulesOptions>? configure = null, Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null, TemporaryFolder? folder = null)
    {
        folder ??= new TemporaryFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        build?.Invoke(builder);
        builder.AddModules(configure: options =>
        {
            options.DataFolder = folder.In("data");
            configure?.Invoke(options);
        });
        var application = builder.Build();
        application.MapGet("/host", () => "host");
        map?.Invoke(application);
        await application.StartAsync();
        return new ModuleScene(application, folder);
    }

    /// <summary>Deploys a package, which has to succeed.</summary>
    internal async Task<SwapResult> DeployAsync(string package)
    {
        var result = await Host.DeployAsync(package);
        Assert.True(result.Outcome == SwapOutcome.Moved, result.Reason);
        return result;
    }

    internal async Task<string> GetAsync(string path) => await Client.GetStringAsync(new Uri(path, UriKind.Relative));

    internal async Task<string> PostAsync(string path)
    {
        using var response = await Client.PostAsync(new Uri(path, UriKind.Relative), null);
        return await response.Content.ReadAsStringAsync();
    }

    internal async Task<HttpStatusCode> StatusOfAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        Folder.Dispose();
    }
}
