using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Midstream;

/// <summary>Tells which generation answers a request, while it is in a module.</summary>
public abstract class ModuleRequest
{
    /// <summary>Gets the module's name.</summary>
    public abstract string Name { get; }

    /// <summary>Gets the version of the package.</summary>
    public abstract string Version { get; }

    /// <summary>Gets the generation's number.</summary>
    public abstract long Generation { get; }

    /// <summary>Gets whether it is one of the module's <see cref="IModule.WarmUp"/> requests and no client's.</summary>
    public abstract bool IsWarmUp { get; }

    /// <summary>Finds the module that a request is in.</summary>
    /// <param name="context">The request.</param>
    /// <returns>The module's part in it; null when the request is in none.</returns>
    public static ModuleRequest? Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        // Each generation has services of its own, so what answers for them is what knows the generation.
        return (context.Features.Get<IServiceProvidersFeature>() as IModuleRequestSource)?.Request;
    }
}
