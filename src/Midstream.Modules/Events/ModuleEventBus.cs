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
        var (interested, takers) = Take<TEvent>();
        try
        {
            foreach (var subscription in interested)
            {
                if (subscription.Owner is null || takers.ContainsValue(subscription.Owner))
                    await DeliverAsync(subscription, happened, cancellationToken);
            }
        }
        finally
        {
            foreach (var taker in takers.Values)
                taker.End();
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

    // Who is told is decided before anybody is: for the moment of a move two generations serve, and the older takes the event.
    private (List<Subscription<TEvent>> Interested, Dictionary<string, IEventOwner> Takers) Take<TEvent>()
        where TEvent : notnull
    {
        while (true)
        {
            var subscriptions = _subscriptions;
            var interested = subscriptions.OfType<Subscription<TEvent>>().ToList();
            var takers = new Dictionary<string, IEventOwner>();
            var hasMissed = false;
            foreach (var owner in interested.Select(one => one.Owner).OfType<IEventOwner>().Distinct())
            {
                if (!takers.ContainsKey(owner.Name) && owner.TryBegin())
                    takers[owner.Name] = owner;
                else
                    hasMissed |= !takers.ContainsKey(owner.Name);
            }

            // A generation that serves no more has a successor, which may have subscribed just now.
            if (!hasMissed || subscriptions == _subscriptions)
                return (interested, takers);
            foreach (var taker in takers.Values)
                taker.End();
        }
    }

    private async ValueTask DeliverAsync<TEvent>(
        Subscription<TEvent> subscription, TEvent happened, CancellationToken cancellationToken)
        where TEvent : notnull
    {
        try
        {
            await subscription.Handle(happened, cancellationToken);
        }
        catch (Exception failed)
        {
            LogFailed(typeof(TEvent).Name, subscription.Owner?.Name ?? "the host", failed.ToString());
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
