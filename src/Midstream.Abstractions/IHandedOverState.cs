namespace Midstream;

/// <summary>
/// State in memory that goes from the old process to the new one in a deployment. <see cref="StateDictionary{TKey, TValue}"/>
/// is the one to begin with; implement this where a dictionary does not fit.
/// <list type="bullet">
/// <item>In the new process, <see cref="ImportAsync"/> is called twice: before the application starts, with what
/// <see cref="ExportAsync"/> wrote while the old process served, and at the switch, with all of it again, after the old
/// process's <see cref="FreezeAsync"/>. The second replaces the first. Clients of the old process wait for the second, so its
/// whole time is in the freeze.</item>
/// <item>In the old process, exports come one after the other. After <see cref="FreezeAsync"/> either the process ends, or
/// <see cref="Thaw"/> is called: the new process has failed, and this one is still in charge.</item>
/// <item>Whatever an export or import throws fails the new process; the old one serves on.</item>
/// </list>
/// </summary>
public interface IHandedOverState
{
    /// <summary>Gets the name, the same in every release: 1 to 100 characters, unique in the application.</summary>
    string Name { get; }

    /// <summary>Gets the version of the format that this release prefers; from 1.</summary>
    int Version { get; }

    /// <summary>Gets the versions that <see cref="ImportAsync"/> understands; <see cref="Version"/> alone if not
    /// implemented.</summary>
    IReadOnlyList<int> Reads => [Version];

    /// <summary>Gets the versions that <see cref="ExportAsync"/> can write, older ones for a rollback among them;
    /// <see cref="Version"/> alone if not implemented.</summary>
    IReadOnlyList<int> Writes => [Version];

    /// <summary>Writes the whole state. Called while the application serves, and again after <see cref="FreezeAsync"/>.</summary>
    /// <param name="destination">Where to; stays the caller's. It has no limit but memory.</param>
    /// <param name="version">One of <see cref="Writes"/>.</param>
    /// <param name="cancellationToken">The hand-over is given up.</param>
    /// <returns>A task that ends when everything is written.</returns>
    Task ExportAsync(Stream destination, int version, CancellationToken cancellationToken);

    /// <summary>Reads the whole state, in the place of what was there.</summary>
    /// <param name="source">What <see cref="ExportAsync"/> wrote; stays the caller's.</param>
    /// <param name="version">One of <see cref="Reads"/>.</param>
    /// <param name="cancellationToken">The hand-over is given up.</param>
    /// <returns>A task that ends when everything is read.</returns>
    Task ImportAsync(Stream source, int version, CancellationToken cancellationToken);

    /// <summary>Makes the state stand still: writers that come later wait, or are refused.</summary>
    /// <param name="cancellationToken">The time for the freeze is over; <see cref="Thaw"/> follows.</param>
    /// <returns>A task that ends when no write is under way.</returns>
    ValueTask FreezeAsync(CancellationToken cancellationToken);

    /// <summary>Ends a freeze: this process is still in charge. May be called without a freeze, and then does nothing.</summary>
    void Thaw();
}
