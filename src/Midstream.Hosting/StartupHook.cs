using System.Runtime.Loader;
using Midstream.Control.Workers;

/// <summary>
/// Where the runtime calls in before an application's own first line, named by DOTNET_STARTUP_HOOKS. The class has to have
/// this name and no namespace (https://github.com/dotnet/runtime/blob/main/docs/design/features/host-startup-hook.md).
/// </summary>
internal static class StartupHook
{
    private const string HooksVariable = "DOTNET_STARTUP_HOOKS";

    /// <summary>Prepares for the application's host to be built. Must not throw: the application would die of it.</summary>
    public static void Initialize()
    {
        // The assemblies beside this one are not among the application's own.
        var folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
        {
            var path = Path.Combine(folder, name.Name + ".dll");
            var isOurs = name.Name!.StartsWith("Midstream.", StringComparison.Ordinal) && File.Exists(path);
            return isOurs ? context.LoadFromAssemblyPath(path) : null;
        };
        Begin();
    }

    // Apart from Initialize, because its types are in the assemblies that cannot be found before.
    private static void Begin()
    {
        RemoveOwnHook();
        if (Environment.GetEnvironmentVariable(WorkerEnvironment.VariableName) is not null)
            Midstream.Hosting.Injection.HostBuildingListener.Subscribe();
    }

    // A .NET program that the application starts must not get the hook.
    private static void RemoveOwnHook()
    {
        var own = typeof(StartupHook).Assembly.Location;
        var hooks = (Environment.GetEnvironmentVariable(HooksVariable) ?? "").Split(Path.PathSeparator);
        var others = hooks.Where(hook => hook != own && hook.Length > 0);
        var left = string.Join(Path.PathSeparator, others);
        Environment.SetEnvironmentVariable(HooksVariable, left.Length == 0 ? null : left);
    }
}
