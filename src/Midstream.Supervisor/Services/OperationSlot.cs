using Midstream.Control.Operators;

namespace Midstream.Supervisor.Services;

/// <summary>
/// There is one operation at a time. A second is refused with the name of who is at work and since when; only what the
/// supervisor does by itself gives way.
/// </summary>
internal sealed class OperationSlot
{
    private readonly Lock _lock = new();
    private Operation? _current;
    private Operation? _next;
    private bool _closed;

    /// <summary>Raised when an operation has given the slot back.</summary>
    public event Action? Freed;

    /// <summary>Gets the operation under way; null when there is none.</summary>
    public Operation? Current
    {
        get
        {
            lock (_lock)
                return _current;
        }
    }

    /// <summary>Takes the slot for an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>Null when it has begun; else why it has not.</returns>
    public async Task<RefusedEvent?> TryBeginAsync(Operation operation)
    {
        Operation inTheWay;
        lock (_lock)
        {
            if (_closed)
                return Stopping();
            if (_current is null)
            {
                _current = operation;
                return null;
            }

            inTheWay = _next ?? _current;
            if (!inTheWay.MayBeSuperseded || operation.MayBeSuperseded)
                return Busy(inTheWay);
            // Nobody else takes the slot in between, least of all the one that gives way.
            _next = operation;
        }

        inTheWay.Supersede();
        await inTheWay.Ended;
        lock (_lock)
            return _current == operation ? null : Stopping();
    }

    /// <summary>Gives the slot back, or to the operation that it has given way to.</summary>
    /// <param name="operation">The operation that has it.</param>
    public void End(Operation operation)
    {
        lock (_lock)
        {
            if (_current == operation)
                (_current, _next) = (_closed ? null : _next, null);
        }

        operation.End();
        Freed?.Invoke();
    }

    /// <summary>Lets no more operations begin.</summary>
    /// <returns>The one that is under way; null when there is none.</returns>
    public Operation? Close()
    {
        lock (_lock)
        {
            _closed = true;
            return _current;
        }
    }

    private static RefusedEvent Stopping() =>
        new(Refusals.Stopping, "The supervisor is stopping; nothing can be changed any more.");

    private static RefusedEvent Busy(Operation other) => new(
        Refusals.Busy,
        $"{other.Who.Name} has a {other.Kind} under way since {other.Since:HH:mm:ss} UTC (phase: {other.PhaseName}). " +
        "Wait for its end ('midstream status' shows it), then try again.");
}
