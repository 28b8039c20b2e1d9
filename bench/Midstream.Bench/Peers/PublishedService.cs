namespace Midstream.Bench.Peers;

/// <summary>Releases of the service that the .NET servers run: the published folder, with the release's name in it.</summary>
internal static class PublishedService
{
    /// <summary>The program in a release's folder.</summary>
    public const string Program = "Hello";

    /// <summary>Makes a release.</summary>
    /// <param name="context">Where.</param>
    /// <param name="release">Its number.</param>
    /// <returns>Its folder.</returns>
    public static string Make(PeerContext context, int release)
    {
        var folder = Directory.CreateDirectory(Path.Combine(context.Folder, Peer.NameOf(release))).FullName;
        foreach (var file in Directory.EnumerateFiles(context.PublishedService))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        File.WriteAllText(Path.Combine(folder, "release.txt"), Peer.NameOf(release));
        return folder;
    }
}
