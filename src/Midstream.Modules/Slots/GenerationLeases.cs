using System.Numerics;
using Microsoft.AspNetCore.Http;
using Midstream.Modules.Loading;

namespace Midstream.Modules.Slots;

/// <summary>The requests that a generation is serving. Thread-safe.</summary>
internal sealed class GenerationLeases
{
    private static readonly int s_stripes = (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly LeaseStripe[] _stripes;
    private LeaseClosing? _closing;

    public GenerationLeases()
    {
        _stripes = new LeaseStripe[s_stripes];
        for (var i = 0; i < s_stripes; i++)
            _stripes[i] = new LeaseStripe();
    }

    /// <summary>Gets a task that ends when the last request has, once closed. Null before.</summary>
    public Task? Drained => _closing?.Drained;

    /// <summary>Begins a request.</summary>
    /// <returns>The hold on the generation; null when it takes no more.</returns>
    public GenerationLease? TryEnter(ModuleGeneration owner, LoadedModule loaded, HttpContext? context, bool isWarmUp) =>
        _stripes[Thread.GetCurrentProcessorId() & (s_stripes - 1)].TryEnter(owner, loaded, context, isWarmUp);

    /// <summary>Takes no more requests. Nothing when it does not already.</summary>
    public void Close()
    {
        var closing = new LeaseClosing(s_stripes);
        if (Interlocked.CompareExchange(ref _closing, closing, null) is not null)
            return;
        foreach (var stripe in _stripes)
            stripe.Close(closing);
    }

    /// <summary>Takes requests again.</summary>
    public void Reopen()
    {
        foreach (var stripe in _stripes)
            stripe.Reopen();
        Volatile.Write(ref _closing, null);
    }

    /// <summary>Lists the requests under way, at some moment of the call.</summary>
    public IReadOnlyList<GenerationLease> UnderWay()
    {
        var leases = new List<GenerationLease>();
        foreach (var stripe in _stripes)
            stripe.CopyTo(leases);
        return leases;
    }

    /// <summary>Ends the requests under way as if their clients had gone.</summary>
    /// <returns>What was ended, for a reader.</returns>
    public IReadOnlyList<string> Abort()
    {
        var aborted = new List<string>();
        foreach (var context in UnderWay().Select(lease => lease.Context).OfType<HttpContext>())
        {
            aborted.Add($"{context.Request.Method} {context.Request.PathBase}{context.Request.Path}");
            context.Abort();
        }

        return aborted;
    }

    public RequestCounts Counts()
    {
        var sum = new RequestCounts();
        foreach (var stripe in _stripes)
            stripe.AddTo(sum);
        return sum;
    }
}

/// <summary>One wait for the last request.</summary>
internal sealed class LeaseClosing(int stripes)
{
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _notEmpty = stripes;

    public Task Drained => _drained.Task;

    // Each stripe is closed once, and empty once after that.
    public void StripeIsEmpty()
    {
        if (Interlocked.Decrement(ref _notEmpty) == 0)
            _drained.TrySetResult();
    }
}
