// Which requests go to a canary, and what a rule may say.

using System.Globalization;
using Midstream.Core.Modules;

namespace Midstream.Core.Tests.Modules;

public class CanaryTests
{
    private static readonly CanaryMark s_mark = new("X-Version", "new");

    public static TheoryData<CanaryWord, CanaryWord, bool, bool> Cells()
    {
        var cells = new TheoryData<CanaryWord, CanaryWord, bool, bool>();
        foreach (var header in Enum.GetValues<CanaryWord>())
        {
            foreach (var cookie in Enum.GetValues<CanaryWord>())
            {
                cells.Add(header, cookie, false, false);
                cells.Add(header, cookie, false, true);
                cells.Add(header, cookie, true, false);
                cells.Add(header, cookie, true, true);
            }
        }

        return cells;
    }

    // The table of CanaryDecision.cs: the first column that says something decides.
    [Theory]
    [MemberData(nameof(Cells))]
    public void GoesToCanary_EveryCell_IsAsTheTableSays(CanaryWord header, CanaryWord cookie, bool isListed, bool isInShare)
    {
        var expected = (header, cookie, isListed, isInShare) switch
        {
            (CanaryWord.Canary, _, _, _) => true,
            (CanaryWord.Current, _, _, _) => false,
            (_, CanaryWord.Canary, _, _) => true,
            (_, CanaryWord.Current, _, _) => false,
            (_, _, true, _) => true,
            (_, _, false, true) => true,
            (_, _, false, false) => false,
        };

        Assert.Equal(expected, CanaryDecision.GoesToCanary(header, cookie, isListed, isInShare));
    }

    [Theory]
    [InlineData("new", CanaryWord.Canary)]
    [InlineData("current", CanaryWord.Current)]
    [InlineData("New", CanaryWord.Nothing)]
    [InlineData("", CanaryWord.Nothing)]
    public void WordOf_AValue_IsWhatTheMarkSays(string value, CanaryWord expected) =>
        Assert.Equal(expected, CanaryDecision.WordOf(value, s_mark));

    // Fixed numbers: another process, of another version, has to find the same.
    [Fact]
    public void BucketOf_AClient_IsTheSameInEveryProcess()
    {
        var seed = CanaryDecision.SeedOf("pricing", "r0123456789ab");

        Assert.Equal(
            [6342, 9964, 4825],
            new[] { "alice", "bob", "carol" }.Select(client => CanaryDecision.BucketOf(seed, client)));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(5)]
    [InlineData(37.5)]
    public void BucketOf_ManyClients_PutsTheShareBelowTheLimit(double percent)
    {
        const int Clients = 100_000;
        var seed = CanaryDecision.SeedOf("pricing", "r0123456789ab");
        var limit = CanaryDecision.LimitOf(percent);

        var inShare = Enumerable.Range(0, Clients).Count(
            client => CanaryDecision.BucketOf(seed, client.ToString(CultureInfo.InvariantCulture)) < limit);

        Assert.InRange(inShare, Clients * (percent / 100 * 0.85), Clients * (percent / 100 * 1.15));
    }

    [Fact]
    public void BucketOf_OneClientAndManyCanaries_IsNotAlwaysTheSame()
    {
        var buckets = Enumerable.Range(0, 100).Select(package => CanaryDecision.BucketOf(
            CanaryDecision.SeedOf("pricing", package.ToString(CultureInfo.InvariantCulture)), "alice"));

        Assert.InRange(buckets.Distinct().Count(), 90, 100);
    }

    [Fact]
    public void FindMistakes_InARuleWithAll_FindsNone() => Assert.Empty(new CanaryRule
    {
        Percent = 12.5, Identity = CanaryIdentity.Header, IdentityHeader = "X-Client", Header = s_mark, Cookie = new("version"),
        Tenants = new(TenantSource.Claim, "tenant", ["acme"]),
    }.FindMistakes());

    [Theory]
    [InlineData(-0.1)]
    [InlineData(100.1)]
    [InlineData(double.NaN)]
    public void FindMistakes_InAShareOutOfRange_NamesIt(double percent) => Assert.Contains(
        new CanaryRule { Percent = percent }.FindMistakes(), mistake => mistake.StartsWith("percent:", StringComparison.Ordinal));

    [Fact]
    public void FindMistakes_InARuleWithAllWrong_NamesThemAll()
    {
        var mistakes = new CanaryRule
        {
            Percent = 101, Identity = CanaryIdentity.Header, Header = new("a b"), Cookie = new("version", "current"),
            Tenants = new(TenantSource.Header, null, []),
        }.FindMistakes();

        Assert.Equal(
            ["percent", "identity_header", "header", "cookie", "tenants", "tenants"],
            mistakes.Select(mistake => mistake.Split(':')[0]));
    }

    [Fact]
    public void MakeShared_OfVersionsThatBothReadAndWrite_TakesTheHighest() => Assert.Equal(
        [new StatePassage("carts", 2)],
        StatePlan.MakeShared([Offer("carts", [1, 2], [1, 2])], [Offer("carts", [1, 2, 3], [2, 3])]).Passages);

    [Fact]
    public void MakeShared_OfAVersionThatOneOnlyReads_IsRefusedWithBothSides()
    {
        var refusal = StatePlan.MakeShared([Offer("carts", [1], [1])], [Offer("carts", [1, 2], [2])]).Refusal;

        Assert.Contains("version 1 by the generation that serves", refusal, StringComparison.Ordinal);
        Assert.Contains("in 2 by the canary", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void MakeShared_OfAStateThatCannotBeAsked_IsRefused() => Assert.Contains(
        "cannot share",
        StatePlan.MakeShared([new("carts", [1], [1], CanBeAsked: false)], [Offer("carts", [1], [1])]).Refusal,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", null, false)]
    public void ChooseCanary_OfAWish_IsTheOneOfThePackageThatServes(string wished, string? serving, bool expected)
    {
        var canary = new DesiredCanary("c", new CanaryRule { Percent = 5 });

        Assert.Equal(
            expected ? canary : null, DesiredModules.ChooseCanary(new DesiredModule(wished, Canary: canary), serving));
    }

    private static StateOffer Offer(string name, int[] reads, int[] writes) => new(name, reads, writes);
}
