using System.Reflection;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Midstream.Modules.Loading;

// Entity Framework keeps one set of internal services, with the models and compiled queries of every context, for all contexts
// in the process whose options are equal. Shared with the host, it would hold a module's types for as long as anybody uses it.
// A cache of its own makes a generation's options equal to no other's. By reflection, because the host may not have the library
// at all.

/// <summary>Gives the contexts of Entity Framework that a generation registers internal services of their own.</summary>
internal static class OwnEntityFramework
{
    private const string Namespace = "Microsoft.EntityFrameworkCore";

    // As Entity Framework makes the one it would use.
    private const int CacheSizeMax = 10_240;

    /// <summary>Separates the contexts that are registered so far; does nothing without Entity Framework 9 or later, or with one
    /// of the module's own.</summary>
    public static void Separate(IServiceCollection services)
    {
        var contexts = services.Select(service => service.ServiceType).Where(IsSharedOptions).Distinct().ToList();
        if (contexts.Count == 0 || Separation.Find(contexts[0].Assembly) is not { } separation)
            return;
        services.AddSingleton<ContextCache>();
        var added = new ServiceCollection();
        foreach (var options in contexts)
            separation.AddTo(added, options.GenericTypeArguments[0]);
        // Before the module's own, which may say otherwise.
        for (var i = 0; i < added.Count; i++)
            services.Insert(i, added[i]);
    }

    private static bool IsSharedOptions(Type type) => type is { IsConstructedGenericType: true }
        && type.GetGenericTypeDefinition() is { FullName: $"{Namespace}.DbContextOptions`1", IsCollectible: false };

    // The container ends it with the generation.
    private sealed class ContextCache() : MemoryCache(new MemoryCacheOptions { SizeLimit = CacheSizeMax });

    private sealed record Separation(
        MethodInfo Configure, MethodInfo UseMemoryCache, MethodInfo ConfigureWarnings, MethodInfo Ignore, EventId TooMany)
    {
        public static Separation? Find(Assembly library)
        {
            var builder = library.GetType($"{Namespace}.DbContextOptionsBuilder");
            var warnings = library.GetType($"{Namespace}.Diagnostics.WarningsConfigurationBuilder");
            var events = library.GetType($"{Namespace}.Diagnostics.CoreEventId");
            return ConfigureIn(library) is { } configure
                && builder?.GetMethod("UseMemoryCache", [typeof(IMemoryCache)]) is { } useMemoryCache
                && builder.GetMethod("ConfigureWarnings") is { } configureWarnings
                && warnings?.GetMethod("Ignore", [typeof(EventId[])]) is { } ignore
                && events?.GetField("ManyServiceProvidersCreatedWarning")?.GetValue(null) is EventId tooMany
                    ? new Separation(configure, useMemoryCache, configureWarnings, ignore, tooMany) : null;
        }

        public void AddTo(IServiceCollection services, Type context) => Configure.MakeGenericMethod(context)
            .Invoke(null, [services, new Action<IServiceProvider, object>(Apply), ServiceLifetime.Singleton]);

        private static MethodInfo? ConfigureIn(Assembly library) =>
            library.GetType("Microsoft.Extensions.DependencyInjection.EntityFrameworkServiceCollectionExtensions")?.GetMethods()
                .FirstOrDefault(method => method.Name == "ConfigureDbContext"
                    && method.GetParameters()[1].ParameterType.GenericTypeArguments.Length == 2);

        // Many modules have many such services, which is meant: Entity Framework would throw at the twenty-first.
        private void Apply(IServiceProvider services, object options)
        {
            UseMemoryCache.Invoke(options, [services.GetRequiredService<ContextCache>()]);
            var ignore = (object warnings) => { Ignore.Invoke(warnings, [new[] { TooMany }]); };
            ConfigureWarnings.Invoke(options, [ignore]);
        }
    }
}
