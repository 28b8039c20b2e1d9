using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.Modules.Testing;
using Midstream.Modules.Unloading;

namespace Midstream.Modules.Hosting;

/// <summary>What the process was started for.</summary>
/// <param name="Check">The test of a package; null to serve.</param>
internal sealed record ModuleBeginning(ModuleCheck? Check);

/// <summary>Loads the modules before the application's hosted services start, starts them before it serves, and ends them after
/// its last request.</summary>
internal sealed partial class ModuleStart(
    ModuleHost host, ModulesOptions options, IHostEnvironment environment, ILogger<ModuleStart> logger,
    ModuleBeginning beginning)
    : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (beginning.Check is { } check)
            await check.RunAsync(host, Shipped(), cancellationToken);
        // Beside the start: what it finds matters when the first generation has ended.
        _ = Task.Run(TestCaches, CancellationToken.None);
        // In two steps: in between the process is told where the modules' state comes from.
        Log(await host.BuildUpAsync(Shipped(), cancellationToken));
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => host.StopAsync();

    public async Task StartAsync(CancellationToken cancellationToken) => Log(await host.StartAsync(cancellationToken));

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The application is worth more with one module missing than not at all.
    private void Log(IEnumerable<SwapResult> notLoaded)
    {
        foreach (var failed in notLoaded)
            LogNotLoaded(failed.Module, failed.Reason ?? "");
    }

    private void TestCaches()
    {
        if (CacheSelfTest.Problems is { Count: > 0 } problems)
            LogCachesDiffer(RuntimeInformation.FrameworkDescription, string.Join("; ", problems));
    }

    private IEnumerable<string> Shipped()
    {
        var path = options.Folder is { } folder ? Path.Combine(environment.ContentRootPath, folder) : null;
        return path is null || !Directory.Exists(path) ? [] : Directory.EnumerateDirectories(path)
            .Where(package => File.Exists(Path.Combine(package, ModuleManifest.FileName))).Order(StringComparer.Ordinal);
    }

    [LoggerMessage(EventId = 331, EventName = "ModuleCachesDiffer", Level = LogLevel.Warning,
        Message = "{Runtime} keeps types of modules in other places than Midstream knows: {Problems}. Modules may stay in " +
            "memory; each that does is reported.")]
    private partial void LogCachesDiffer(string runtime, string problems);

    [LoggerMessage(EventId = 330, EventName = "ModuleNotLoaded", Level = LogLevel.Error,
        Message = "A module ({Module}) was not loaded as wished: {Reason}")]
    private partial void LogNotLoaded(string module, string reason);
}
