// What the choice between two generations costs a request: nothing that a collector would have to take away.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Midstream.Core.Modules;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Tests.Canaries;

public sealed class CanarySplitTests(ITestOutputHelper output)
{
    private const int Requests = 200_000;

    public static TheoryData<CanaryIdentity> Identities() => [.. Enum.GetValues<CanaryIdentity>()];

    [Theory]
    [MemberData(nameof(Identities))]
    public void TakesCanary_OfARequestThatEveryPartOfTheRuleLooksAt_AllocatesNothing(CanaryIdentity identity)
    {
        var split = new CanarySplit(RuleOf(identity), "pricing", "r0123456789ab");
        var context = RequestOf("203.0.113.7");
        for (var warm = 0; warm < Requests; warm++)
            split.TakesCanary(context);

        var (before, begun) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        for (var request = 0; request < Requests; request++)
            split.TakesCanary(context);
        var (after, elapsed) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetElapsedTime(begun));

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{identity}: {elapsed.TotalNanoseconds / Requests:0} ns a request"));
        // Nothing for a request; the runtime itself may take some for its own tiers meanwhile.
        Assert.InRange(after - before, 0, 10_000);
    }

    [Fact]
    public void TakesCanary_ByAddress_TakesAClientOfBothFamiliesForOne()
    {
        var split = new CanarySplit(
            new CanaryRule { Percent = 50, Identity = CanaryIdentity.Address }, "pricing", "r0123456789ab");

        var clients = Enumerable.Range(1, 100).Select(last => (
            Plain: split.TakesCanary(RequestOf($"203.0.113.{last}")),
            Mapped: split.TakesCanary(RequestOf($"::ffff:203.0.113.{last}")))).ToList();

        Assert.All(clients, client => Assert.Equal(client.Plain, client.Mapped));
        Assert.InRange(clients.Count(client => client.Plain), 30, 70);
    }

    private static CanaryRule RuleOf(CanaryIdentity identity) => new()
    {
        Percent = 50,
        Identity = identity,
        IdentityHeader = identity == CanaryIdentity.Header ? "X-Client" : null,
        Header = new("X-Version"),
        Cookie = new("version"),
        Tenants = new(TenantSource.Host, null, ["acme.example", "other.example"]),
    };

    private static DefaultHttpContext RequestOf(string address)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Host = new HostString("shop.example:8080");
        context.Request.Headers.Append("X-Client", "alice");
        context.Request.Headers.Cookie = $"a=b; {CanarySplit.ClientCookie}=0123456789abcdef; c=d";
        return context;
    }
}
