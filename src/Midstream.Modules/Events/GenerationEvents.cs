namespace Midstream.Modules.Events;

/// <summary>The bus as one generation sees it: what it subscribes ends with it.</summary>
internal sealed class GenerationEvents(ModuleEventBus bus, IEventOwner owner) : IModuleEvents, IDisposable
{
    public ValueTask PublishAsync<TEvent>(TEvent happened, CancellationToken cancellationToken = default)
        where TEvent : notnull => bus.PublishAsync(happened, cancellationToken);

    public void Subscribe<TEvent>(Func<TEvent, CancellationToken, ValueTask> handle)
        where TEvent : notnull
    {
        ArgumentNullException.ThrowIfNull(handle);
        bus.Add(new Subscription<TEvent>(handle, owner));
    }

    public void Dispose() => bus.RemoveAllOf(owner);
}
