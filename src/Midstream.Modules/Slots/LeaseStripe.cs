namespace Midstream.Modules.Slots;

// A lock of about ten nanoseconds guards list, numbers and the closed mark together, so that a generation's end can neither
// miss a request nor count one twice. There is one for each processor, so it is rarely waited for.

/// <summary>A part of a generation's requests, those begun on one processor.</summary>
internal sealed class LeaseStripe
{
    private GenerationLease? _first;
    private LeaseClosing? _closing;
    private readonly RequestCounts _counts = new();

    /// <summary>Adds a request; refuses it once closed.</summary>
    public bool TryEnter(GenerationLease lease)
    {
        lock (this)
        {
            if (_closing is not null)
                return false;
            lease.Stripe = this;
            lease.Next = _first;
            if (_first is not null)
                _first.Previous = lease;
            _first = lease;
            return true;
        }
    }

    public void Exit(GenerationLease lease, long elapsed, RequestEnd end)
    {
        LeaseClosing? ended;
        lock (this)
        {
            if (lease.Previous is null)
                _first = lease.Next;
            else
                lease.Previous.Next = lease.Next;
            if (lease.Next is not null)
                lease.Next.Previous = lease.Previous;
            if (!lease.IsWarmUp && lease.Context is not null)
                _counts.Add(elapsed, end);
            ended = _first is null ? _closing : null;
        }

        ended?.StripeIsEmpty();
    }

    /// <summary>Refuses requests from now on.</summary>
    /// <param name="closing">Told when the last one that is there has ended.</param>
    public void Close(LeaseClosing closing)
    {
        lock (this)
        {
            _closing = closing;
            if (_first is not null)
                return;
        }

        closing.StripeIsEmpty();
    }

    public void Reopen()
    {
        lock (this)
            _closing = null;
    }

    public void CopyTo(List<GenerationLease> leases)
    {
        lock (this)
        {
            for (var lease = _first; lease is not null; lease = lease.Next)
                leases.Add(lease);
        }
    }

    public void AddTo(RequestCounts sum)
    {
        lock (this)
            sum.Add(_counts);
    }
}
