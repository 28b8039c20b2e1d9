namespace Midstream.Releases;

// What to start in a release's folder, and whether the hosting library can be brought into it.

/// <summary>Says how a release is started. Immutable.</summary>
/// <param name="Command">The program and its arguments, at least one; relative paths count from the release's folder.</param>
/// <param name="Injection">Whether Midstream.Hosting can be loaded into the program without its doing.</param>
public sealed record EntryPoint(IReadOnlyList<string> Command, InjectionFit Injection);

/// <summary>Says whether Midstream.Hosting can be loaded into a program by a startup hook. Immutable.</summary>
/// <param name="IsPossible">Whether the hook may be set: it works, or the program is one that does not look at it.</param>
/// <param name="Reason">Why it is not possible, as a sentence for the operator; null when it is.</param>
public sealed record InjectionFit(bool IsPossible, string? Reason)
{
    /// <summary>Gets the fit of a program that either takes the hook or never looks at it.</summary>
    internal static InjectionFit Possible { get; } = new(true, null);
}
