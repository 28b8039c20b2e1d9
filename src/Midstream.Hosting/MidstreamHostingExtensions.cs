using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Midstream.Hosting.Drain;
using Midstream.Hosting.Worker;

namespace Midstream.Hosting;

/// <summary>Brings Midstream into an application that references this package.</summary>
public static class MidstreamHostingExtensions
{
    /// <summary>
    /// Makes the application replaceable without a lost request when it runs under <c>midstream run</c>; without effect
    /// anywhere else. An application that does not call it gets the same from the supervisor, which injects this assembly.
    /// </summary>
    /// <typeparam name="TBuilder">The builder's own type.</typeparam>
    /// <param name="builder">The application's builder. Calling it twice does no harm.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddMidstream<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        // Elsewhere than under Midstream nothing is ever handed over, and the application may ask all the same.
        builder.Services.TryAddSingleton<IHandOverNotice, HandOverNotice>();
        MidstreamServices.AddTo(builder.Services);
        return builder;
    }
}
