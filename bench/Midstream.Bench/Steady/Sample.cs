namespace Midstream.Bench.Steady;

/// <summary>One server in one measurement.</summary>
/// <param name="RequestsPerSecond">The throughput.</param>
/// <param name="P50Us">The median latency in microseconds.</param>
/// <param name="P99Us">The latency that 99 % did not exceed, in microseconds.</param>
/// <param name="CpuUs">The processor time that the server's processes used for one request, in microseconds.</param>
internal sealed record Sample(double RequestsPerSecond, double P50Us, double P99Us, double CpuUs);

/// <summary>Both servers, measured right after each other.</summary>
internal sealed record Pair(Sample Midstream, Sample Kestrel);
