// What a request's hold on its generation costs, and what it leaves behind.

using Microsoft.AspNetCore.Http;
using Midstream.Modules.Loading;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Tests.Slots;

public sealed class LeaseTests
{
    private const int Requests = 1000;

    // None of what the leases stand for is looked at here.
    private static readonly ModuleGeneration s_generation = null!;
    private static readonly LoadedModule s_loaded = new(null!, null!);

    [Fact]
    public void Lease_OfRequestsOneAfterTheOther_AllocatesNothing()
    {
        var stripe = new LeaseStripe();
        var context = new DefaultHttpContext();
        Serve(stripe, context, requests: 1);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Serve(stripe, context, Requests);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Lease_OfARequestThatHasEnded_KeepsNothingOfItAndIsTheNextOnes()
    {
        var stripe = new LeaseStripe();
        var lease = Enter(stripe, new DefaultHttpContext());
        lease.WasNotMatched = true;
        lease.RequestServices = null!;

        stripe.Exit(lease, RequestEnd.Answered);

        Assert.Null(lease.Loaded);
        Assert.Null(lease.Context);
        Assert.Same(lease, Enter(stripe, new DefaultHttpContext()));
        Assert.False(lease.WasNotMatched);
        Assert.NotSame(lease, Enter(stripe, new DefaultHttpContext()));
    }

    private static void Serve(LeaseStripe stripe, HttpContext context, int requests)
    {
        for (var i = 0; i < requests; i++)
            stripe.Exit(Enter(stripe, context), RequestEnd.Answered);
    }

    private static GenerationLease Enter(LeaseStripe stripe, HttpContext context) =>
        stripe.TryEnter(s_generation, s_loaded, context, isWarmUp: false)!;
}
