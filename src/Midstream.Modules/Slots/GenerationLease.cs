using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Midstream.Modules.Loading;

namespace Midstream.Modules.Slots;

/// <summary>One request's hold on its generation, and its services. In a stripe's list while it lasts, so that those that do not
/// end can be named and aborted.</summary>
internal sealed class GenerationLease : ModuleRequest, IServiceProvidersFeature, IModuleRequestSource
{
    private AsyncServiceScope? _scope;
    private Task? _disposing;
    private IServiceProvider? _replaced;

    public GenerationLease(ModuleGeneration owner, LoadedModule loaded, HttpContext? context, bool isWarmUp)
    {
        Owner = owner;
        Loaded = loaded;
        Context = context;
        IsWarmUp = isWarmUp;
    }

    public override string Name => Owner.Name;

    public override string Version => Owner.Version;

    public override long Generation => Owner.Number;

    public override bool IsWarmUp { get; }

    public ModuleGeneration Owner { get; }

    public LoadedModule Loaded { get; }

    /// <summary>Gets the request; null for an event.</summary>
    public HttpContext? Context { get; }

    /// <summary>Gets or sets whether no endpoint of the module took the request.</summary>
    public bool WasNotMatched { get; set; }

    /// <summary>Gets or sets when it began, in ticks of the stopwatch.</summary>
    public long StartedAt { get; set; }

    internal LeaseStripe? Stripe { get; set; }

    internal GenerationLease? Next { get; set; }

    internal GenerationLease? Previous { get; set; }

    ModuleRequest IModuleRequestSource.Request => this;

    // Made when asked for: many endpoints need no services.
    public IServiceProvider RequestServices
    {
        get => _replaced ?? (_scope ??= Loaded.CreateScope()).ServiceProvider;
        set => _replaced = value;
    }

    /// <summary>Disposes of the request's services, once however often it is called.</summary>
    public Task DisposeScopeAsync() =>
        _scope is { } scope ? _disposing ??= scope.DisposeAsync().AsTask() : Task.CompletedTask;
}
