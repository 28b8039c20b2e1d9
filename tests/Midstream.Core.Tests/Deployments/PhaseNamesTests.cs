// The spellings of phases and failures are a contract with scripts and ledgers.

using System.Text.RegularExpressions;
using Midstream.Core.Deployments;

namespace Midstream.Core.Tests.Deployments;

public partial class PhaseNamesTests
{
    [Fact]
    public void Of_EveryPhase_IsItsNameInKebabCase() =>
        Assert.All(Enum.GetValues<DeploymentPhase>(), phase => Assert.Equal(Kebab(phase.ToString()), PhaseNames.Of(phase)));

    [Fact]
    public void Of_EveryFailure_IsItsNameInKebabCase() =>
        Assert.All(
            Enum.GetValues<DeploymentFailure>(),
            failure => Assert.Equal(Kebab(failure.ToString()), PhaseNames.Of(failure)));

    [Fact]
    public void Of_Examples_AreSpelledAsDocumented()
    {
        Assert.Equal("warm-up", PhaseNames.Of(DeploymentPhase.WarmUp));
        Assert.Equal("worker-not-ready-in-time", PhaseNames.Of(DeploymentFailure.WorkerNotReadyInTime));
    }

    [Fact]
    public void Of_ValueOutsideTheEnum_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PhaseNames.Of((DeploymentPhase)99));
        Assert.Throws<ArgumentOutOfRangeException>(() => PhaseNames.Of((DeploymentFailure)99));
    }

    private static string Kebab(string name) => Humps().Replace(name, "-$0").ToLowerInvariant();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Humps();
}
