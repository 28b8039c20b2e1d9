using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Hosting;

/// <summary>Whether the application itself says where in its pipeline modules are.</summary>
internal sealed class ModulePlacement
{
    public bool IsExplicit { get; set; }
}

/// <summary>Puts modules in front of the application's pipeline, unless it says where they are.</summary>
internal sealed class ModulesInFront(ModuleHost host, ModulePlacement placement) : IStartupFilter
{
    // What is given to Use is called when the whole pipeline is put together, and so after the application's own wish.
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => application =>
    {
        application.Use(following =>
            placement.IsExplicit ? following : new ModuleDispatcher(following, host.Board).InvokeAsync);
        next(application);
    };
}
