namespace Midstream.Modules.Events;

/// <summary>Whoever may be asked to deal with an event: a generation, while it serves.</summary>
internal interface IEventOwner
{
    string Name { get; }

    /// <summary>Begins to deal with an event.</summary>
    /// <returns>False when the owner does not serve; then <see cref="End"/> is not called.</returns>
    bool TryBegin();

    void End();
}

/// <summary>A wish to be told of events of one type.</summary>
internal abstract record Subscription(IEventOwner? Owner)
{
    public abstract Type EventType { get; }
}

/// <inheritdoc/>
internal sealed record Subscription<TEvent>(Func<TEvent, CancellationToken, ValueTask> Handle, IEventOwner? Owner)
    : Subscription(Owner)
    where TEvent : notnull
{
    public override Type EventType => typeof(TEvent);
}
