using System.Diagnostics;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;

namespace Midstream.Modules.Loading;

/// <summary>Puts into a generation's services what belongs to the host, as instances: a container disposes only of what it has
/// made itself.</summary>
internal sealed class HostLoan(IServiceProvider host, IEnumerable<Type> lent)
{
    private static readonly Type[] s_always =
    [
        typeof(ILoggerFactory), typeof(IHostEnvironment), typeof(IWebHostEnvironment), typeof(DiagnosticListener),
        typeof(DiagnosticSource), typeof(ActivitySource),
    ];

    private readonly Type[] _lent = [.. s_always.Concat(lent).Distinct()];

    public void AddTo(IServiceCollection services, GenerationContext context)
    {
        foreach (var type in _lent)
        {
            if (host.GetService(type) is { } instance)
                services.AddSingleton(type, instance);
        }

        services.AddOptions().AddMetrics().AddRouting();
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton<IModuleContext>(context);
        services.AddSingleton<IModuleEvents>(context.Events);
        services.AddSingleton<IHostApplicationLifetime>(context);
        services.AddSingleton(context.Configuration);
        services.AddSingleton(context.Time);
        services.AddSingleton(context.Meter);
        services.AddTransient(_ => context.CreateHttpClient());
    }

    /// <summary>Takes out what would keep the generation in memory, once the module has added all that it needs.</summary>
    public static void Loosen(IServiceCollection services)
    {
        // Equal options share one cache of types over all generations, unless each has a resolver of its own.
        services.PostConfigureAll<Microsoft.AspNetCore.Http.Json.JsonOptions>(
            static options => OwnResolver(options.SerializerOptions.TypeInfoResolverChain));
        services.PostConfigureAll<Microsoft.AspNetCore.Mvc.JsonOptions>(
            static options => OwnResolver(options.JsonSerializerOptions.TypeInfoResolverChain));
        OwnEntityFramework.Separate(services);
        // The factory's own timer would hold its handlers for minutes after the end; the connections' age is bounded instead.
        if (services.Any(service => service.ServiceType == typeof(IHttpClientFactory)))
            services.PostConfigureAll<HttpClientFactoryOptions>(
                static options => options.HandlerLifetime = Timeout.InfiniteTimeSpan);
    }

    private static void OwnResolver(IList<IJsonTypeInfoResolver> chain)
    {
        for (var i = 0; i < chain.Count; i++)
        {
            if (chain[i].GetType() == typeof(DefaultJsonTypeInfoResolver))
                chain[i] = new DefaultJsonTypeInfoResolver();
        }
    }
}
