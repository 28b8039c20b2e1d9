namespace Midstream.Prove;

// Input errors, collected: a run is refused with everything that is wrong with its options.

/// <summary>Refuses a run because its options are wrong or ask for a remote target without leave.</summary>
public sealed class ProveOptionsException : Exception
{
    /// <summary>Creates the refusal from all the mistakes found.</summary>
    /// <param name="errors">One sentence for each mistake.</param>
    public ProveOptionsException(IReadOnlyList<string> errors)
        : base(string.Join("; ", errors)) => Errors = errors;

    /// <summary>Gets one sentence for each mistake.</summary>
    public IReadOnlyList<string> Errors { get; }
}
