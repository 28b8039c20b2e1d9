using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Midstream.Modules.Loading;

namespace Midstream.Modules.Slots;

/// <summary>One request's hold on its generation, and its services. In a stripe's list while it lasts, so that those that do not
/// end can be named and aborted; afterwards the stripe's for the next request, so that a request costs no object.</summary>
internal sealed class GenerationLease(ModuleGeneration owner, LeaseStripe stripe) : IServiceProvidersFeature, IModuleRequestSource
{
    private AsyncServiceScope? _scope;
    private Task? _disposing;
    private IServiceProvider? _replaced;

    public ModuleGeneration Owner => owner;

    public LeaseStripe Stripe => stripe;

    /// <summary>Gets the module's code and objects; null between two requests, so that it keeps nothing in memory.</summary>
    public LoadedModule? Loaded { get; private set; }

    /// <summary>Gets the request; null for an event.</summary>
    public HttpContext? Context { get; private set; }

    /// <summary>Gets whether it is a request of the module's own.</summary>
    public bool IsWarmUp { get; private set; }

    /// <summary>Gets or sets whether no endpoint of the module took the request.</summary>
    public bool WasNotMatched { get; set; }

    /// <summary>Gets when it began, in ticks of the stopwatch.</summary>
    public long StartedAt { get; private set; }

    internal GenerationLease? Next { get; set; }

    internal GenerationLease? Previous { get; set; }

    ModuleRequest IModuleRequestSource.Request => owner.RequestOf(IsWarmUp);

    // Made when asked for: many endpoints need no services.
    public IServiceProvider RequestServices
    {
        get => _replaced ?? (_scope ??= Loaded!.CreateScope()).ServiceProvider;
        set => _replaced = value;
    }

    /// <summary>Begins a request.</summary>
    public void Begin(LoadedModule loaded, HttpContext? context, bool isWarmUp, long startedAt)
    {
        Loaded = loaded;
        Context = context;
        IsWarmUp = isWarmUp;
        StartedAt = startedAt;
    }

    /// <summary>Forgets a request that has ended.</summary>
    public void Forget()
    {
        Loaded = null;
        Context = null;
        WasNotMatched = false;
        _scope = null;
        _disposing = null;
        _replaced = null;
    }

    /// <summary>Disposes of the request's services, once however often it is called.</summary>
    public Task DisposeScopeAsync() =>
        _scope is { } scope ? _disposing ??= scope.DisposeAsync().AsTask() : Task.CompletedTask;
}

/// <summary>What a module's code is told of a request. The same for all requests of a generation but those of its warm-up, and so
/// may be kept.</summary>
internal sealed class GenerationRequest(ModuleGeneration owner, bool isWarmUp) : ModuleRequest
{
    public override string Name => owner.Name;

    public override string Version => owner.Version;

    public override long Generation => owner.Number;

    public override bool IsWarmUp => isWarmUp;
}
