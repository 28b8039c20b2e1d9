using System.Text.Json;

namespace Midstream.Releases;

// Reads and writes manifests. What is half written is never seen under the final name.

internal static class ManifestFile
{
    /// <summary>Writes the manifest under a temporary name and waits until it is on disk.</summary>
    public static void Write(string path, ReleaseManifest manifest)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.ReleaseManifest), 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Reads a manifest; null when there is none.</summary>
    /// <exception cref="ReleaseStoreException">It is damaged, or of a newer format.</exception>
    public static ReleaseManifest? Read(StoreLayout layout, string id)
    {
        var path = layout.ManifestOf(id);
        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllBytes(path), ManifestJson.Default.ReleaseManifest);
            return manifest is null || manifest.Id != id ? throw Damaged(path, null) : RequireKnown(path, manifest);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException error)
        {
            throw Damaged(path, error);
        }
    }

    private static ReleaseManifest RequireKnown(string path, ReleaseManifest manifest) =>
        manifest.FormatVersion == ReleaseManifest.CurrentFormatVersion ? manifest : throw new ReleaseStoreException(
            ReleaseStoreFailure.StoreUnusable,
            $"'{path}' has format {manifest.FormatVersion}; this version reads {ReleaseManifest.CurrentFormatVersion}. " +
            "Use the version of Midstream that stored the release.");

    private static ReleaseStoreException Damaged(string path, Exception? error) => new(
        ReleaseStoreFailure.Damaged,
        $"The manifest '{path}' is damaged. It is rebuilt from the release's files when the store is opened next; " +
        "if that does not help, remove the release and deploy it again.",
        error);
}
