// All that a child starts with. What is not named here, it does not get.

using System.Runtime.InteropServices;

namespace Midstream.Linux;

/// <summary>Describes the process to start.</summary>
public sealed class SpawnRequest
{
    /// <summary>
    /// Gets the program and its arguments. A program with a slash is relative to <see cref="WorkingDirectory"/>; one without is
    /// looked for in the PATH of <see cref="Environment"/>.
    /// </summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Gets the child's whole environment; nothing of this process's own is added.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Gets the folder the child starts in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Gets the handles the child gets as descriptors 3, 4 and so on, in this order. They stay the caller's.</summary>
    public IReadOnlyList<SafeHandle> Inherited { get; init; } = [];

    /// <summary>Gets what becomes the child's standard output; stays the caller's. Null for this process's own.</summary>
    public SafeHandle? StandardOutput { get; init; }

    /// <summary>Gets what becomes the child's standard error; stays the caller's. Null for this process's own.</summary>
    public SafeHandle? StandardError { get; init; }

    /// <summary>
    /// Gets whether the child finds its own pid in LISTEN_PID (sd_listen_fds(3)). Only the child can know it before it starts,
    /// so the program is then started by /bin/sh, which exports it and becomes the program, with the same pid. Variables whose
    /// names are no shell identifiers pass through env(1) on the way and are visible in the process list for that moment.
    /// </summary>
    public bool ExportListenPid { get; init; }

    /// <summary>
    /// Gets how many descriptors the child may have open (RLIMIT_NOFILE, both limits). Null for as many as this process.
    /// <para>
    /// This and the properties below are applied by /bin/sh and the tools of util-linux before the program runs, in the same
    /// process. What this process may not set is refused before anything is started; see <see cref="SpawnLimits"/>.
    /// </para>
    /// </summary>
    public int? OpenFilesMax { get; init; }

    /// <summary>
    /// Gets the user the child runs as, by name or number, with that user's groups. The environment stays as given: HOME and
    /// USER are the caller's to set (<see cref="Users.TryFind"/>). Null for this process's own.
    /// </summary>
    public string? User { get; init; }

    /// <summary>
    /// Gets the group the child runs as, by name or number. Null for that of <see cref="User"/>, or this process's own. Without
    /// a user, the child has no further groups.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Gets the child's scheduling priority, -20 (highest) to 19. Null for this process's own.</summary>
    public int? Nice { get; init; }

    /// <summary>Gets the permissions that files the child makes do not get. Null for this process's own.</summary>
    public UnixFileMode? Umask { get; init; }
}
