namespace Midstream;

/// <summary>
/// Events between modules, and between them and the host. Thread-safe.
/// <list type="bullet">
/// <item>An event goes to the generation that serves, of each module that has subscribed: never to two generations of one
/// module, and to none that is warming up. A generation that was given one finishes it before it is stopped.</item>
/// <item>What a subscriber throws is logged, and harms neither the sender nor other subscribers.</item>
/// <item>Events are not kept: a module that is not loaded misses them.</item>
/// </list>
/// </summary>
public interface IModuleEvents
{
    /// <summary>Sends an event and waits until every subscriber has dealt with it.</summary>
    /// <typeparam name="TEvent">Its type: one that the host shares (a contract assembly), never one of the module's own, which
    /// would keep the module in memory.</typeparam>
    /// <param name="happened">The event.</param>
    /// <param name="cancellationToken">Handed to the subscribers.</param>
    /// <returns>A task that ends when all have dealt with it.</returns>
    /// <exception cref="ArgumentException">The type is a module's own.</exception>
    ValueTask PublishAsync<TEvent>(TEvent happened, CancellationToken cancellationToken = default)
        where TEvent : notnull;

    /// <summary>Subscribes for as long as the generation lives; the host's own subscriptions last for ever.</summary>
    /// <typeparam name="TEvent">The events' type, as for <see cref="PublishAsync"/>.</typeparam>
    /// <param name="handle">Deals with an event.</param>
    /// <exception cref="ArgumentException">The type is a module's own.</exception>
    void Subscribe<TEvent>(Func<TEvent, CancellationToken, ValueTask> handle)
        where TEvent : notnull;
}
