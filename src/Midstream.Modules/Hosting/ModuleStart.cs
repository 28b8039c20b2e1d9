using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;

namespace Midstream.Modules.Hosting;

/// <summary>Loads the modules before the application serves, and ends them after its last request.</summary>
internal sealed partial class ModuleStart(
    ModuleHost host, ModulesOptions options, IHostEnvironment environment, ILogger<ModuleStart> logger)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (options.Folder is not { } folder)
            return;
        var path = Path.Combine(environment.ContentRootPath, folder);
        if (!Directory.Exists(path))
            return;
        foreach (var package in Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(package, ModuleManifest.FileName)))
                continue;
            var result = await host.DeployAsync(package, cancellationToken: cancellationToken);
            // The application is worth more with one module missing than not at all.
            if (result.Outcome != SwapOutcome.Moved)
                LogNotLoaded(package, result.Reason ?? "");
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => host.StopAsync();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 330, EventName = "ModuleNotLoaded", Level = LogLevel.Error,
        Message = "The module in {Package} was not loaded, and its path is not served: {Reason}")]
    private partial void LogNotLoaded(string package, string reason);
}
