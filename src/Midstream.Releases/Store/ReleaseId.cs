using System.Security.Cryptography;
using System.Text;

namespace Midstream.Releases;

// The name of a release follows from its content alone: not from times, owners, or the order of a directory.

internal static class ReleaseId
{
    private const int Digits = 12;

    /// <summary>The first twelve hex digits of the SHA-256 over one line an entry, sorted by path. Names hold no line breaks
    /// (the source is refused otherwise), so no two different releases give the same lines.</summary>
    public static string Of(IEnumerable<ManifestEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries.OrderBy(entry => entry.Path, StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(LineOf(entry)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Digits];
    }

    public static bool IsId(string name) => name.Length == Digits && name.All(char.IsAsciiHexDigitLower);

    public static string HashOfLinkTarget(string target) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target)));

    private static string LineOf(ManifestEntry entry)
    {
        var kind = entry.Kind switch
        {
            EntryKind.File => "file",
            EntryKind.Folder => "folder",
            EntryKind.Link => "link",
            _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.Kind, "Not a kind of entry."),
        };
        return $"{kind} {(entry.Executable ? 'x' : '-')} {entry.Hash} {entry.Path}\n";
    }
}
