using Midstream.Prove.Accounting;

namespace Midstream.Prove.Tests;

// The histogram against the exact answer: the sorted values themselves.
public sealed class LatencyHistogramTests
{
    private static readonly double[] s_shares = [0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1];

    // The seeds make a failure repeatable; each draws values over twelve orders of magnitude.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Quantile_OfAnyValues_IsWithinTheDocumentedErrorOfTheExactOne(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 100; round++)
        {
            var values = Enumerable.Range(0, random.Next(1, 2000))
                .Select(_ => (long)Math.Pow(10, random.NextDouble() * 12))
                .ToArray();
            var histogram = Filled(values);
            Array.Sort(values);
            foreach (var share in s_shares)
            {
                var exact = values[Math.Max(1, (int)Math.Ceiling(share * values.Length)) - 1];
                var error = Math.Abs(histogram.Quantile(share).Ticks - exact);
                Assert.True(error <= exact * LatencyHistogram.RelativeError, $"{share}: off by {error} of {exact}");
            }
            Assert.Equal(values[^1], histogram.Largest.Ticks);
            Assert.Equal(values.Length, histogram.Count);
        }
    }

    [Fact]
    public void RelativeError_AsDocumented_IsAtMostOnePercent() => Assert.InRange(LatencyHistogram.RelativeError, 0, 0.01);

    [Fact]
    public void Record_EveryEdgeOfASlot_StaysWithinTheError()
    {
        for (var bit = 0; bit <= 40; bit++)
        {
            foreach (var value in new[] { (1L << bit) - 1, 1L << bit, (1L << bit) + 1 })
            {
                var error = Math.Abs(Filled(value, long.MaxValue).Quantile(0.5).Ticks - value);
                Assert.True(error <= value * LatencyHistogram.RelativeError, $"{value}: off by {error}");
            }
        }
    }

    [Fact]
    public void Record_OutOfRange_IsKeptAtTheEdge()
    {
        var histogram = Filled(-5, long.MaxValue);

        Assert.Equal(0, histogram.Quantile(0).Ticks);
        Assert.Equal((1L << 41) - 1, histogram.Largest.Ticks);
    }

    [Fact]
    public void Quantile_WithoutValues_IsZero() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.99));

    [Fact]
    public void Add_TwoHistograms_IsTheHistogramOfAllValues()
    {
        var sum = Filled(100, 2_000);
        sum.Add(Filled(30_000, 5));

        Assert.Equal(4, sum.Count);
        Assert.Equal(30_000, sum.Largest.Ticks);
        Assert.Equal(5, sum.Quantile(0.25).Ticks);
        Assert.Equal(100, sum.Quantile(0.5).Ticks);
    }

    [Fact]
    public async Task Record_FromManyThreads_LosesNone()
    {
        var histogram = new LatencyHistogram();

        await Task.WhenAll(Enumerable.Range(1, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 1; i <= 50_000; i++)
                histogram.Record(new TimeSpan(i * thread));
        })));

        Assert.Equal(200_000, histogram.Count);
        Assert.Equal(200_000, histogram.Largest.Ticks);
    }

    private static LatencyHistogram Filled(params long[] values)
    {
        var histogram = new LatencyHistogram();
        foreach (var value in values)
            histogram.Record(new TimeSpan(value));
        return histogram;
    }
}
