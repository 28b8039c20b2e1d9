using Midstream.Core.Modules;

namespace Midstream.Modules.Testing;

/// <summary>The check mode of a host application: it tests a package with the services and contracts that modules really get
/// there, writes a report and ends, before it has bound an address.</summary>
/// <param name="order">What is to be tested.</param>
/// <param name="data">A folder of the check's own; nothing of the service's is touched.</param>
internal sealed class ModuleCheck(ModuleCheckOrder order, string data)
{
    /// <summary>Gets where packages are kept meanwhile.</summary>
    public string Data => data;

    /// <summary>Takes the order out of the environment.</summary>
    /// <returns>The check; null when the application is to serve.</returns>
    public static ModuleCheck? Take()
    {
        var order = ModuleCheckOrder.Read(Environment.GetEnvironmentVariable(ModuleCheckOrder.VariableName));
        Environment.SetEnvironmentVariable(ModuleCheckOrder.VariableName, null);
        return order is null ? null : new ModuleCheck(
            order, Directory.CreateTempSubdirectory("midstream-module-check-").FullName);
    }

    /// <summary>Tests the package and ends the process.</summary>
    /// <param name="host">The application's own host.</param>
    /// <param name="shipped">The packages it comes with, which the tested one may need.</param>
    /// <param name="cancellationToken">The application is not to start after all.</param>
    public async Task RunAsync(ModuleHost host, IEnumerable<string> shipped, CancellationToken cancellationToken)
    {
        try
        {
            await host.BuildUpAsync(shipped, cancellationToken);
            await host.StartAsync(cancellationToken);
            var options = new ModuleTestOptions { PreviousPackage = order.Previous, StateFolder = order.StateFolder };
            var result = await new ModuleTestRun(host, options).RunAsync(order.Package, cancellationToken);
            await File.WriteAllTextAsync(order.Report, ReportOf(result).ToJson(), cancellationToken);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        // Not by an orderly stop: the application has not started, and may not be able to.
        Environment.Exit(0);
    }

    private static ModuleCheckReport ReportOf(ModuleTestResult result) => new(
        result.Passed, result.Module, result.Version,
        [.. result.Steps.Select(step =>
            new ModuleCheckStep(step.Name, step.Passed, step.Elapsed.TotalMilliseconds, step.Detail))]);
}
