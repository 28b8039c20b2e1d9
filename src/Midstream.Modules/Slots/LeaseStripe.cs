using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Midstream.Modules.Loading;

namespace Midstream.Modules.Slots;

// A lock of about ten nanoseconds guards list, numbers and the closed mark together, so that a generation's end can neither
// miss a request nor count one twice. There is one for each processor, so it is rarely waited for.

/// <summary>A part of a generation's requests, those begun on one processor.</summary>
internal sealed class LeaseStripe
{
    // More at once than one processor has under way as a rule; what is beyond is left to the collector.
    private const int SpareMax = 256;

    private GenerationLease? _first;
    private GenerationLease? _spare;
    private int _spares;
    private LeaseClosing? _closing;
    private readonly RequestCounts _counts = new();

    /// <summary>Adds a request.</summary>
    /// <returns>The hold on the generation; null once closed.</returns>
    public GenerationLease? TryEnter(ModuleGeneration owner, LoadedModule loaded, HttpContext? context, bool isWarmUp)
    {
        var now = Stopwatch.GetTimestamp();
        lock (this)
        {
            if (_closing is not null)
                return null;
            var lease = TakeSpare_NeedsLock() ?? new GenerationLease(owner, this);
            lease.Begin(loaded, context, isWarmUp, now);
            lease.Next = _first;
            if (_first is not null)
                _first.Previous = lease;
            _first = lease;
            return lease;
        }
    }

    /// <summary>Ends a request. The lease is another request's from then on.</summary>
    public void Exit(GenerationLease lease, RequestEnd end)
    {
        var elapsed = Stopwatch.GetTimestamp() - lease.StartedAt;
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
            Spare_NeedsLock(lease);
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

    private GenerationLease? TakeSpare_NeedsLock()
    {
        var lease = _spare;
        if (lease is null)
            return null;
        _spare = lease.Next;
        _spares--;
        return lease;
    }

    private void Spare_NeedsLock(GenerationLease lease)
    {
        lease.Forget();
        lease.Previous = null;
        lease.Next = null;
        if (_spares == SpareMax)
            return;
        lease.Next = _spare;
        _spare = lease;
        _spares++;
    }
}
