using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.Modules.Events;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Loading;

/// <summary>Makes a generation of a package: its load context and object, then its services and routing. All of it is the
/// module's own code, which may throw or hang; who calls bounds the time.</summary>
internal sealed class GenerationBuilder(
    SharedAssemblies shared, HostLoan loan, IConfiguration configuration, TimeProvider clock, ModuleEventBus events,
    ILoggerFactory loggers)
{
    private const string ConfigurationSection = "Modules";

    /// <summary>Loads the assembly and makes the module's object.</summary>
    /// <param name="generation">The generation, which holds what was loaded also when the object could not be made.</param>
    /// <param name="files">The package's code.</param>
    public void Load(ModuleGeneration generation, PackageFiles files)
    {
        var manifest = generation.Package.Manifest;
        var context = new ModuleLoadContext($"{manifest.Name}@{generation.Number}", files, shared, manifest.IsPinned);
        var lent = new GenerationContext(
            manifest, generation.Number, configuration.GetSection($"{ConfigurationSection}:{manifest.Name}"), clock,
            new GenerationEvents(events, generation), loggers.CreateLogger($"Midstream.Modules.{manifest.Name}"));
        generation.Attach(new LoadedModule(context, lent));
        generation.Loaded!.Module = MakeModule(context, manifest);
    }

    /// <summary>Builds and validates services and routing.</summary>
    public void Build(LoadedModule loaded, ModuleManifest manifest)
    {
        var services = new ServiceCollection();
        loan.AddTo(services, loaded.Lent);
        loaded.Module.ConfigureServices(services, loaded.Lent);
        HostLoan.Loosen(services);
        var provider = services.BuildServiceProvider(
            new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        loaded.Complete(provider, BuildPipeline(loaded.Module, provider, manifest.Path));
    }

    private static RequestDelegate BuildPipeline(IModule module, ServiceProvider provider, string path)
    {
        var pipeline = new ApplicationBuilder(provider);
        pipeline.UseRouting();
        module.ConfigurePipeline(pipeline);
        pipeline.UseEndpoints(endpoints =>
            module.MapEndpoints(path == "/" ? endpoints : endpoints.MapGroup(path)));
        pipeline.Run(static context =>
        {
            ((GenerationLease)context.Features.Get<IServiceProvidersFeature>()!).WasNotMatched = true;
            return Task.CompletedTask;
        });
        return pipeline.Build();
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "A module's object is disposed of with its generation.")]
    private static IModule MakeModule(ModuleLoadContext context, ModuleManifest manifest)
    {
        var assembly = context.LoadOwn(Path.GetFileNameWithoutExtension(manifest.Assembly));
        var type = manifest.Type is { } name
            ? assembly.GetType(name, throwOnError: true)!
            : assembly.GetExportedTypes().Single(type => !type.IsAbstract && typeof(IModule).IsAssignableFrom(type));
        try
        {
            return (IModule)Activator.CreateInstance(type)!;
        }
        catch (TargetInvocationException thrown) when (thrown.InnerException is { } inner)
        {
            // The text alone, as everywhere: an exception that is kept keeps the module.
            throw new ModulePackageException($"The constructor of {type} has thrown: {inner}");
        }
    }
}
