using System.Globalization;
using System.Text.Json.Nodes;

namespace Midstream.Bench.Modules;

/// <summary>The packages of bench/modules, and changed copies of them.</summary>
internal sealed class Packages(string artifacts, string folder)
{
    private int _copies;

    public string MeasuredV1 => Built("MeasuredV1");

    public string MeasuredV2 => Built("MeasuredV2");

    public string Crowd => Built("Crowd");

    /// <summary>Gets one version or the other, for swaps there and back.</summary>
    public string Measured(int swap) => swap % 2 == 0 ? MeasuredV2 : MeasuredV1;

    /// <summary>Copies a package and changes what it says of itself.</summary>
    /// <param name="package">The package.</param>
    /// <param name="name">The copy's name of its module.</param>
    /// <param name="isPinned">Whether the copy is never unloaded.</param>
    public string As(string package, string name, bool isPinned = false)
    {
        var copy = Copy(package);
        var file = Path.Combine(copy, "module.json");
        var manifest = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        manifest["name"] = name;
        manifest["mode"] = isPinned ? "pinned" : "collectible";
        File.WriteAllText(file, manifest.ToJsonString());
        return copy;
    }

    /// <summary>Makes a package of the same code that no store has seen yet.</summary>
    public string Unseen(string package)
    {
        var copy = Copy(package);
        File.WriteAllText(Path.Combine(copy, "unseen.txt"), copy);
        return copy;
    }

    private string Built(string project) => Path.Combine(artifacts, "modules", $"bench-{project}");

    private string Copy(string package)
    {
        var copy = Path.Combine(folder, "packages", (++_copies).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(package))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
