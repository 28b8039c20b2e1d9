// The one assembly that host and modules share: what is in it can never be taken back, so a change of it is seen in review.

using Midstream.TestKit;

namespace Midstream.Modules.Tests.Contract;

public sealed class ContractTests
{
    [Fact]
    public void Contract_OfModules_IsTheApprovedOne() => Approval.Verify(
        "Midstream.Modules.Tests", "abstractions", PublicApi.Of(typeof(IModule).Assembly),
        "modules that were built before still run");
}
