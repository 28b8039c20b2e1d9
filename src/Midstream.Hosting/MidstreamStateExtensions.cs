using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Midstream.Hosting.Leases;

namespace Midstream.Hosting;

/// <summary>Adds what passes from one generation of the application to the next: state, and the services that run in one
/// process at a time. docs/operations/state.md has a complete example.</summary>
public static class MidstreamStateExtensions
{
    /// <summary>Adds state that is handed over. Elsewhere than under <c>midstream run</c> it is a singleton like any
    /// other.</summary>
    /// <typeparam name="TState">Its type; resolved as a singleton.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <param name="create">Makes it; null to let the container make it.</param>
    /// <returns>The builder.</returns>
    public static IHostApplicationBuilder AddState<TState>(
        this IHostApplicationBuilder builder, Func<IServiceProvider, TState>? create = null)
        where TState : class, IHandedOverState
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMidstream();
        builder.Services.AddState(create);
        return builder;
    }

    /// <summary>Adds a hosted service that runs in exactly one process of the application at a time: a timer, a queue's
    /// consumer. It is started when no other process runs it any more, and stopped when the next generation takes over; then a
    /// new one may be made in the same process, if that generation fails. Elsewhere than under <c>midstream run</c> it is
    /// started and stopped with the application.</summary>
    /// <remarks>Stopping has to end what it does: a service that does not stop within the time it has costs its process its
    /// life. It is made anew for each start, so it cannot be injected; and it is no singleton of the container.</remarks>
    /// <typeparam name="TService">Its type.</typeparam>
    /// <param name="builder">The application's builder.</param>
    /// <returns>The builder.</returns>
    public static IHostApplicationBuilder AddSingularService<TService>(this IHostApplicationBuilder builder)
        where TService : class, IHostedService
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddMidstream();
        builder.Services.TryAddSingleton<SingularServices>();
        if (!builder.Services.Any(known => known.ImplementationType == typeof(SingularHost)))
            builder.Services.AddHostedService<SingularHost>();
        builder.Services.AddSingleton(new SingularRegistration(
            typeof(TService), provider => ActivatorUtilities.CreateInstance<TService>(provider)));
        return builder;
    }
}
