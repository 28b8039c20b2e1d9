// As whom a child is to run, in numbers.

using System.Globalization;

namespace Midstream.Linux;

/// <summary>Holds the user and group of a child.</summary>
/// <param name="User">The user; null for this process's own.</param>
/// <param name="Gid">The group.</param>
internal sealed record SpawnIdentity(UserAccount? User, uint Gid)
{
    /// <summary>Gets whether this process runs as them anyway.</summary>
    internal bool IsOurs => IsOurUser && Gid == ProcessOwner.Gid;

    internal bool IsOurUser => User is null || User.Uid == ProcessOwner.Uid;

    /// <summary>Resolves what a request names; null when it names nobody, or somebody who is not there.</summary>
    internal static SpawnIdentity? Of(SpawnRequest request)
    {
        var user = request.User is null ? null : Users.TryFind(request.User);
        var gid = request.Group is null ? user?.Gid : Groups.TryFind(request.Group);
        return (request.User, request.Group) is (null, null) || gid is null || (request.User is not null && user is null)
            ? null
            : new SpawnIdentity(user, gid.Value);
    }

    /// <summary>Writes the command that changes to them and becomes the program after it (setpriv(1)).</summary>
    internal IEnumerable<string> Command(string setpriv) => User is null
        ? [setpriv, $"--regid={Number(Gid)}", "--clear-groups"]
        : [setpriv, $"--reuid={Number(User.Uid)}", $"--regid={Number(Gid)}", "--init-groups"];

    private static string Number(uint id) => id.ToString(CultureInfo.InvariantCulture);
}
