using System.Runtime.Loader;
using Microsoft.Extensions.Logging;

namespace Midstream.Modules.Events;

/// <summary>Carries events between modules and the host. Subscriptions of a generation count from its move on, and until the
/// next one's.</summary>
internal sealed partial class ModuleEventBus(ILogger<ModuleEventBus> logger) : IModuleEvents
{
    private readonly Lock _lock = new();
    private volatile Subscription[] _subscriptions = [];

    public void Subscribe<TEvent>(Func<TEvent, CancellationToken, ValueTask> handle)
        where TEvent : notnull => Add(new Subscription<TEvent>(handle, Owner: null));

    public async ValueTask PublishAsync<TEvent>(TEvent happened, CancellationToken cancellationToken = default)
        where TEvent : notnull
    {
        RefuseOwnTypes(typeof(TEvent));
        foreach (var subscription in _subscriptions)
        {
            if (subscription is Subscription<TEvent> interested)
                await DeliverAsync(interested, happened, cancellationToken);
        }
    }

    internal void Add(Subscription subscription)
    {
        RefuseOwnTypes(subscription.EventType);
        lock (_lock)
            _subscriptions = [.. _subscriptions, subscription];
    }

    internal void RemoveAllOf(IEventOwner owner)
    {
        lock (_lock)
            _subscriptions = [.. _subscriptions.Where(subscription => subscription.Owner != owner)];
    }

    private async ValueTask DeliverAsync<TEvent>(
        Subscription<TEvent> subscription, TEvent happened, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        if (subscription.Owner is { } owner && !owner.TryBegin())
            return;
        try
        {
            await subscription.Handle(happened, cancellationToken);
        }
        catch (Exception failed)
        {
            LogFailed(typeof(TEvent).Name, subscription.Owner?.Name ?? "the host", failed.ToString());
        }
        finally
        {
            subscription.Owner?.End();
        }
    }

    // The list of subscriptions would keep a module whose own type it names.
    private static void RefuseOwnTypes(Type type)
    {
        if (AssemblyLoadContext.GetLoadContext(type.Assembly) is { IsCollectible: true } || type.IsCollectible)
            throw new ArgumentException(
                $"{type} is a module's own type. Move it to a contract assembly that the host shares (ModulesOptions.Shared).");
    }

    [LoggerMessage(EventId = 321, EventName = "ModuleEventFailed", Level = LogLevel.Error,
        Message = "The event {Event} has failed in {Subscriber}: {Fault}")]
    private partial void LogFailed(string @event, string subscriber, string fault);
}
