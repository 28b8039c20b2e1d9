using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Midstream.Core.Modules;
using Midstream.HandOver;
using Midstream.Modules.Events;
using Midstream.Modules.Hosting;
using Midstream.Modules.Loading;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;
using Midstream.Modules.Swaps;
using Midstream.Modules.Testing;
using Midstream.Modules.Unloading;

namespace Midstream.Modules;

/// <summary>Brings modules into an application.</summary>
public static class MidstreamModulesExtensions
{
    /// <summary>Adds modules: parts of the application that are replaced while it runs.</summary>
    /// <typeparam name="TBuilder">The builder's own type.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <param name="folder">The folder with the modules that come with the application; see
    /// <see cref="ModulesOptions.Folder"/>.</param>
    /// <param name="configure">Sets what is to differ from the defaults.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddModules<TBuilder>(
        this TBuilder builder, string? folder = null, Action<ModulesOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new ModulesOptions { Folder = folder };
        configure?.Invoke(options);
        var check = ModuleCheck.Take();
        options.DataFolder = check?.Data ?? options.DataFolder ?? ModuleFolders.DefaultData(builder.Environment.ApplicationName);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<ModuleEventBus>();
        builder.Services.AddSingleton<IModuleEvents>(provider => provider.GetRequiredService<ModuleEventBus>());
        builder.Services.AddSingleton<ModulePlacement>();
        builder.Services.AddSingleton(MakeHost);
        builder.Services.AddSingleton<IModuleControl>(provider => new ModuleControl(provider.GetRequiredService<ModuleHost>()));
        builder.Services.AddSingleton<IStateSource>(provider => provider.GetRequiredService<ModuleHost>().Process);
        builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ModuleStart>(
            provider, new ModuleBeginning(check)));
        builder.Services.AddSingleton<IStartupFilter, ModulesInFront>();
        return builder;
    }

    /// <summary>Says where in the application's pipeline modules are. Without it they are in front of everything; middleware
    /// that comes before this call (forwarded headers, authentication) runs before them.</summary>
    /// <param name="application">The application.</param>
    /// <returns>The application.</returns>
    public static IApplicationBuilder UseModules(this IApplicationBuilder application)
    {
        ArgumentNullException.ThrowIfNull(application);
        var services = application.ApplicationServices;
        services.GetRequiredService<ModulePlacement>().IsExplicit = true;
        var board = services.GetRequiredService<ModuleHost>().Board;
        return application.Use(next => new ModuleDispatcher(next, board).InvokeAsync);
    }

    private static ModuleHost MakeHost(IServiceProvider services)
    {
        var options = services.GetRequiredService<ModulesOptions>();
        var loggers = services.GetRequiredService<ILoggerFactory>();
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var shared = new SharedAssemblies(options.Shared);
        var builder = new GenerationBuilder(
            shared, new HostLoan(services, options.Lent), services.GetRequiredService<IConfiguration>(), clock,
            services.GetRequiredService<ModuleEventBus>(), loggers);
        var budget = new LeakBudget(
            options, [.. services.GetServices<IModuleEscalation>()], services.GetService<IReplacementWish>(),
            loggers.CreateLogger<LeakBudget>());
        var end = new GenerationEnd(
            options, new UnloadWatch(options, services), budget, loggers.CreateLogger<GenerationEnd>());
        var given = SupervisedSet.Take();
        return new ModuleHost(
            new PackageStore(ModuleFolders.Packages(options.DataFolder!), given?.Store),
            new DesiredFile(options.DataFolder!, given),
            new SwapSurroundings(
                shared, builder, new SlotBoard(), end, new PreviousKeeper(options, end, clock), options, clock, loggers));
    }
}
