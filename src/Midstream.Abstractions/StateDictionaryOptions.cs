namespace Midstream;

/// <summary>How a <see cref="StateDictionary{TKey, TValue}"/> is handed over.</summary>
public sealed record StateDictionaryOptions
{
    /// <summary>Gets the version of the format this release prefers; from 1, default 1. Raise it when a codec writes something
    /// that the release before could not read.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Gets the versions that the codecs can read; null (the default) for <see cref="Version"/> alone.</summary>
    public IReadOnlyList<int>? Reads { get; init; }

    /// <summary>Gets the versions that the codecs can write; null (the default) for <see cref="Version"/> alone. Name the
    /// version before this one too, or a rollback fails.</summary>
    public IReadOnlyList<int>? Writes { get; init; }

    /// <summary>Gets the longest time that an operation waits while nobody is in charge; default 30 s. Then it throws
    /// <see cref="StateUnavailableException"/>.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
