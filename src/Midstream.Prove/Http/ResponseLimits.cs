namespace Midstream.Prove.Http;

// What a response may cost. A server under test may be broken in any way, and the prover must outlive it.
internal sealed record ResponseLimits
{
    public int HeadBytesMax { get; init; } = 32 * 1024;

    public int ChunkLineBytesMax { get; init; } = 1024;

    public int InterimResponsesMax { get; init; } = 16;

    public long BodyBytesMax { get; init; } = 1L << 30;
}
