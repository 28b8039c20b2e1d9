using System.Runtime.Loader;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Midstream.Modules.Loading;

/// <summary>All that is of a generation's own types: who lets go of this object lets go of the module.</summary>
internal sealed class LoadedModule(ModuleLoadContext context, GenerationContext lent)
{
    private IServiceScopeFactory _scopes = null!;

    public ModuleLoadContext Context => context;

    public IModule Module { get; set; } = null!;

    public GenerationContext Lent => lent;

    public ServiceProvider? Services { get; private set; }

    public RequestDelegate Pipeline { get; private set; } = static _ => Task.CompletedTask;

    public IReadOnlyList<IHandedOverState> States { get; private set; } = [];

    /// <summary>Gets the module's hosted services, in the order of their registration.</summary>
    public IEnumerable<IHostedService> HostedServices => Services!.GetServices<IHostedService>();

    /// <summary>Gets the hosted services that have been started, and whether the module itself has.</summary>
    public Stack<IHostedService> Started { get; } = new();

    public bool IsStarted { get; set; }

    public void Complete(ServiceProvider services, RequestDelegate pipeline)
    {
        Services = services;
        Pipeline = pipeline;
        _scopes = services.GetRequiredService<IServiceScopeFactory>();
        States = [.. services.GetServices<IHandedOverState>()];
    }

    public AsyncServiceScope CreateScope() => new(_scopes.CreateScope());

    /// <summary>Makes a reference to the load context by which its end can be seen.</summary>
    public WeakReference<AssemblyLoadContext> Watch() => new(context, trackResurrection: true);
}
