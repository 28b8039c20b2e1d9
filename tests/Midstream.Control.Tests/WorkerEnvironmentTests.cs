// What a worker makes of its environment variable, which anybody may have set to anything.

using Midstream.Control.Workers;

namespace Midstream.Control.Tests;

public sealed class WorkerEnvironmentTests
{
    [Fact]
    public void ToVariable_OfAWorker_IsAsApproved() => Wire.Verify("worker-environment", [Samples.Environment.ToVariable()]);

    [Fact]
    public void FromVariable_OfWhatWasWritten_IsTheSame()
    {
        var read = WorkerEnvironment.FromVariable(Samples.Environment.ToVariable());

        Assert.Equal(Samples.Environment.Listeners, read!.Listeners);
        Assert.Equal(Samples.Environment with { Listeners = read.Listeners }, read);
    }

    [Fact]
    public void FromVariable_OfANewerSupervisor_IgnoresWhatItDoesNotKnow()
    {
        var newer = Samples.Environment.ToVariable()[..^1] + ""","since_2030":[1]}""";

        Assert.Equal(Samples.Environment.ToVariable(), WorkerEnvironment.FromVariable(newer)!.ToVariable());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"shop\"")]
    [InlineData("{\"protocol\":")]
    [InlineData("{\"protocol\":\"one\"}")]
    [InlineData("{\"listeners\":{}}")]
    [InlineData("/run/midstream.sock")]
    public void FromVariable_OfRubbish_IsNull(string? value) => Assert.Null(WorkerEnvironment.FromVariable(value));
}
