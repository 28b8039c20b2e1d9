// Which of two generations a request goes to.
//
//   header says | cookie says | tenant listed | client in the share | goes to
//   ------------+-------------+---------------+---------------------+---------
//   canary      | any         | any           | any                 | canary
//   current     | any         | any           | any                 | current
//   nothing     | canary      | any           | any                 | canary
//   nothing     | current     | any           | any                 | current
//   nothing     | nothing     | yes           | any                 | canary
//   nothing     | nothing     | no            | yes                 | canary
//   nothing     | nothing     | no            | no                  | current
//
// A client is in the share when its bucket, of 10,000, is below the share's limit. The bucket is made from what the client is
// recognised by, the module's name and the canary's package, and from nothing that differs between processes: so every worker
// decides alike, a larger share keeps the clients of the smaller one, and it is not the same clients that try every canary.

using System.Runtime.InteropServices;

namespace Midstream.Core.Modules;

/// <summary>What a request says of itself.</summary>
public enum CanaryWord
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>That it goes to the canary.</summary>
    Canary,

    /// <summary>That it goes to the generation that serves.</summary>
    Current,
}

/// <summary>Decides, without doing anything, which generation a request goes to. Allocates nothing.</summary>
public static class CanaryDecision
{
    /// <summary>The number of buckets that clients are in.</summary>
    public const int Buckets = 10_000;

    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    /// <summary>Decides by all that is known of a request.</summary>
    /// <param name="header">What its header says.</param>
    /// <param name="cookie">What its cookie says.</param>
    /// <param name="isListed">Whether its tenant is listed.</param>
    /// <param name="isInShare">Whether its client is in the share.</param>
    /// <returns>Whether it goes to the canary.</returns>
    public static bool GoesToCanary(CanaryWord header, CanaryWord cookie, bool isListed, bool isInShare) =>
        header != CanaryWord.Nothing ? header == CanaryWord.Canary
        : cookie != CanaryWord.Nothing ? cookie == CanaryWord.Canary
        : isListed || isInShare;

    /// <summary>Understands the value of a mark.</summary>
    /// <param name="value">What the request carries; empty for nothing.</param>
    /// <param name="mark">What the rule says of it.</param>
    public static CanaryWord WordOf(ReadOnlySpan<char> value, CanaryMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        return value.SequenceEqual(mark.Value) ? CanaryWord.Canary
            : value.SequenceEqual(CanaryRule.Current) ? CanaryWord.Current : CanaryWord.Nothing;
    }

    /// <summary>Finds the limit of a share: the number of buckets in it.</summary>
    /// <param name="percent">The share; 0 to 100.</param>
    public static int LimitOf(double percent) => (int)Math.Round(percent * (Buckets / 100));

    /// <summary>Makes the seed of a canary, which sets its clients apart from those of another.</summary>
    /// <param name="module">The module's name.</param>
    /// <param name="package">The id of the canary's package.</param>
    public static ulong SeedOf(string module, string package) => Fnv(Fnv(FnvOffset, module), package);

    /// <summary>Finds the bucket of a client.</summary>
    /// <param name="seed">The canary's seed.</param>
    /// <param name="identity">What the client is recognised by.</param>
    /// <returns>From 0 to <see cref="Buckets"/> - 1.</returns>
    public static int BucketOf(ulong seed, ReadOnlySpan<char> identity) => BucketOf(Fnv(seed, identity));

    /// <summary>Finds the bucket of a client.</summary>
    /// <param name="seed">The canary's seed.</param>
    /// <param name="identity">What the client is recognised by.</param>
    /// <returns>From 0 to <see cref="Buckets"/> - 1.</returns>
    public static int BucketOf(ulong seed, ReadOnlySpan<byte> identity) => BucketOf(Fnv(seed, identity));

    // The last steps of MurmurHash3: FNV alone leaves the upper bits of short texts alike.
    private static int BucketOf(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        hash ^= hash >> 33;
        return (int)(((hash >> 32) * Buckets) >> 32);
    }

    private static ulong Fnv(ulong hash, ReadOnlySpan<char> text) => Fnv(hash, MemoryMarshal.AsBytes(text));

    private static ulong Fnv(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
            hash = (hash ^ one) * FnvPrime;
        return hash;
    }
}
