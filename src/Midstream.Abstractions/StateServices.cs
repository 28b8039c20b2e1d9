using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Midstream;

/// <summary>Adds state to an application's or a module's services.</summary>
public static class StateServices
{
    /// <summary>Adds state that goes to the next generation: of a module in a swap, of an application in a
    /// deployment.</summary>
    /// <typeparam name="TState">Its type; resolved as a singleton.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="create">Makes it; null to let the container make it.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddState<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TState>(
        this IServiceCollection services, Func<IServiceProvider, TState>? create = null)
        where TState : class, IHandedOverState
    {
        ArgumentNullException.ThrowIfNull(services);
        if (create is null)
            services.AddSingleton<TState>();
        else
            services.AddSingleton(create);
        return services.AddSingleton<IHandedOverState>(provider => provider.GetRequiredService<TState>());
    }
}
