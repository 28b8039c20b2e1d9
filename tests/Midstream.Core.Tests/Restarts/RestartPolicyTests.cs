// What the restart policy promises, by example and over many random histories.

using Midstream.Core.Configuration;
using Midstream.Core.Restarts;

namespace Midstream.Core.Tests.Restarts;

public class RestartPolicyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly RestartModel s_model = new()
    {
        DelayMin = TimeSpan.FromMilliseconds(100),
        DelayMax = TimeSpan.FromMilliseconds(500),
        CrashesMax = 6,
        Window = TimeSpan.FromSeconds(10),
    };

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(3, 400)]
    [InlineData(4, 500)]
    [InlineData(5, 500)]
    public void Decide_CrashesWithinWindow_DoublesTheDelayUpToTheCap(int crashes, int delayMs)
    {
        RestartDecision decision = new RestartPolicy(s_model).Decide(CrashesAgo(Enumerable.Repeat(1.0, crashes)), s_now);

        Assert.False(decision.GiveUp);
        Assert.Equal(TimeSpan.FromMilliseconds(delayMs), decision.Delay);
    }

    [Fact]
    public void Decide_CrashesMaxWithinWindow_GivesUpAndSaysWhy()
    {
        RestartDecision decision = new RestartPolicy(s_model).Decide(CrashesAgo([0, 1, 2, 3, 4, 10]), s_now);

        Assert.True(decision.GiveUp);
        Assert.Equal(TimeSpan.Zero, decision.Delay);
        Assert.Equal(
            "The worker crashed 6 times within 10 s; restart.crashes_max is 6. "
                + "Look at its log, then deploy a release that works.",
            decision.Reason);
    }

    [Fact]
    public void Decide_OldCrashes_DoNotCount()
    {
        RestartDecision decision = new RestartPolicy(s_model).Decide(CrashesAgo([10.001, 11, 12, 13, 14, 15, 0]), s_now);

        Assert.False(decision.GiveUp);
        Assert.Equal(s_model.DelayMin, decision.Delay);
        Assert.Equal("The worker crashed once within 10 s; it starts again in 0.1 s.", decision.Reason);
    }

    [Fact]
    public void Decide_ClockWasSetBack_StillCountsTheCrashes() =>
        Assert.True(new RestartPolicy(s_model).Decide(CrashesAgo([-3600, -3600, -3600, -3600, -3600, 0]), s_now).GiveUp);

    [Fact]
    public void Decide_CrashesMaxOfOne_NeverRestarts() =>
        Assert.True(new RestartPolicy(s_model with { CrashesMax = 1 }).Decide(CrashesAgo([0]), s_now).GiveUp);

    [Fact]
    public void Decide_NoCrashAtAll_WaitsTheShortestDelay() =>
        Assert.Equal(s_model.DelayMin, new RestartPolicy(s_model).Decide([], s_now).Delay);

    [Fact]
    public void Decide_RandomHistories_KeepsItsPromises()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            RestartModel model = RandomModel(random);
            DateTimeOffset[] crashes = RandomCrashes(random, model);
            RestartDecision decision = new RestartPolicy(model).Decide(crashes, s_now);
            int recent = crashes.Count(crash => crash >= s_now - model.Window);

            Assert.True(decision.GiveUp == (recent >= model.CrashesMax), $"seed {seed}");
            if (decision.GiveUp)
                continue;

            double exact = model.DelayMin.Ticks * Math.Pow(2, Math.Max(recent - 1, 0));
            Assert.True(decision.Delay >= model.DelayMin && decision.Delay <= model.DelayMax, $"seed {seed}");
            Assert.True(Math.Abs(decision.Delay.Ticks - Math.Min(exact, model.DelayMax.Ticks)) < 1, $"seed {seed}");
        }
    }

    [Fact]
    public void Decide_RandomHistories_DependOnNeitherOrderNorOldCrashes()
    {
        for (int seed = 0; seed < 1000; seed++)
        {
            var random = new Random(seed);
            RestartModel model = RandomModel(random);
            DateTimeOffset[] crashes = RandomCrashes(random, model);
            DateTimeOffset[] others = [.. crashes, s_now - model.Window - TimeSpan.FromTicks(1)];
            random.Shuffle(others);

            var policy = new RestartPolicy(model);
            Assert.Equal(policy.Decide(crashes, s_now), policy.Decide(others, s_now));
        }
    }

    private static DateTimeOffset[] CrashesAgo(IEnumerable<double> seconds) =>
        [.. seconds.Select(ago => s_now - TimeSpan.FromSeconds(ago))];

    // Reaches the ends of the allowed ranges, where doubling could overflow.
    private static RestartModel RandomModel(Random random)
    {
        int delayMin = random.Next(1, random.Next(2, 86_400_000));
        return new RestartModel
        {
            DelayMin = TimeSpan.FromMilliseconds(delayMin),
            DelayMax = TimeSpan.FromMilliseconds(random.Next(delayMin, 86_400_001)),
            CrashesMax = random.Next(1, random.Next(2, 1001)),
            Window = TimeSpan.FromMilliseconds(random.Next(1, 86_400_001)),
        };
    }

    private static DateTimeOffset[] RandomCrashes(Random random, RestartModel model) =>
        [.. Enumerable.Range(0, random.Next(0, 200)).Select(_ => s_now - (model.Window * random.NextDouble() * 2))];
}
