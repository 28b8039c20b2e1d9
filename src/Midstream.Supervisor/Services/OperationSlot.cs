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
        while (true)
        {
            Operation? inTheWay;
            lock (_lock)
            {
                if (_closed)
                    return new RefusedEvent(Refusals.Stopping, "The supervisor is stopping; nothing can be changed any more.");
                inTheWay = _current;
                if (inTheWay is null)
                {
                    _current = operation;
                    return null;
                }
            }

            if (!inTheWay.MayBeSuperseded || operation.MayBeSuperseded)
                return Busy(inTheWay);
            inTheWay.Supersede();
            await inTheWay.Ended;
        }
    }

    /// <summary>Gives the slot back.</summary>
    /// <param name="operation">The operation that has it.</param>
    public void End(Operation operation)
    {
        lock (_lock)
        {
            if (_current == operation)
                _current = null;
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

    private static RefusedEvent Busy(Operation other) => new(
        Refusals.Busy,
        $"{other.Who.Name} has a {other.Kind} under way since {other.Since:HH:mm:ss} UTC (phase: {other.PhaseName}). " +
        "Wait for its end ('midstream status' shows it), then try again.");
}
