// What the system knows of a user: enough to become it.

namespace Midstream.Linux;

/// <summary>Describes a user of the system (passwd(5)).</summary>
/// <param name="Name">The login name.</param>
/// <param name="Uid">The number.</param>
/// <param name="Gid">The number of its own group.</param>
/// <param name="Home">Its home folder, for HOME; may not exist.</param>
/// <param name="Shell">Its shell, for SHELL; empty for the default.</param>
public sealed record UserAccount(string Name, uint Uid, uint Gid, string Home, string Shell);
