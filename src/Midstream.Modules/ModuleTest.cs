using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Midstream.Modules.Testing;

namespace Midstream.Modules;

/// <summary>Tests a package without a service: what a swap would do is done in a host that nobody can reach, and then the module
/// is taken away again, which has to leave nothing in memory.</summary>
public static class ModuleTest
{
    /// <summary>Tests a package: verifies it, loads and builds it, gives it the state that there is, starts it, sends its warm-up
    /// requests, writes its state in every version it says it can, stops it, and watches whether it leaves the memory.</summary>
    /// <remarks>With a package that it replaces, the state also goes back to that one and forth again. Nothing of the service's
    /// own is touched: packages are kept in a folder of the test, which is removed.</remarks>
    /// <param name="packageFolder">The package.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the test.</param>
    /// <returns>How it came out. What a package does wrong is never thrown.</returns>
    /// <exception cref="OperationCanceledException">The test was ended.</exception>
    public static async Task<ModuleTestResult> RunAsync(
        string packageFolder, ModuleTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(packageFolder);
        options ??= new ModuleTestOptions();
        var data = Directory.CreateTempSubdirectory("midstream-module-test-");
        try
        {
            await using var application = Build(options, data.FullName);
            var run = new ModuleTestRun(application.Services.GetRequiredService<ModuleHost>(), options);
            var result = await run.RunAsync(packageFolder, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            return result;
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static WebApplication Build(ModuleTestOptions options, string data)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        options.Host?.Invoke(builder);
        builder.AddModules(configure: modules =>
        {
            options.Modules?.Invoke(modules);
            modules.DataFolder = data;
            modules.KeepPrevious = TimeSpan.Zero;
        });
        return builder.Build();
    }
}
