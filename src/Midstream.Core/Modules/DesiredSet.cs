// The set of modules that is to be loaded, as it is written down and as a supervisor gives it to a worker.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Midstream.Core.Modules;

/// <summary>Says which modules are to be loaded. Immutable.</summary>
/// <param name="Format">The version of this layout: <see cref="CurrentFormat"/>.</param>
/// <param name="Modules">The wish for each module, by name.</param>
/// <param name="Store">The folder in which each package is a folder named by its id, absolute; null when whoever reads the set
/// has a store of its own.</param>
public sealed record DesiredSet(int Format, IReadOnlyDictionary<string, DesiredModule> Modules, string? Store = null)
{
    /// <summary>The version of the layout that this library writes, and the only one it reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>The environment variable in which a supervisor gives a worker the set that it is to load: as JSON, or, where that
    /// is longer than <see cref="VariableLengthMax"/>, as <see cref="DescriptorPrefix"/> and the number of a descriptor from
    /// which it is read.</summary>
    public const string VariableName = "MIDSTREAM_MODULES";

    /// <summary>The longest set that is given in the variable itself, in bytes. The kernel takes no text of more than 128 KiB
    /// (the constant MAX_ARG_STRLEN; execve(2)).</summary>
    public const int VariableLengthMax = 64 * 1024;

    /// <summary>What stands before the number of a descriptor.</summary>
    public const string DescriptorPrefix = "fd:";

    /// <summary>Gets the set in which nothing is wished for.</summary>
    public static DesiredSet Empty { get; } = new(CurrentFormat, new Dictionary<string, DesiredModule>());

    /// <summary>Makes the set with other wishes.</summary>
    /// <param name="wishes">The wishes; null for none of that module.</param>
    /// <returns>The set.</returns>
    public DesiredSet With(IEnumerable<KeyValuePair<string, DesiredModule?>> wishes)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        var modules = new SortedDictionary<string, DesiredModule>(Modules.ToDictionary(), StringComparer.Ordinal);
        foreach (var (module, wish) in wishes)
        {
            modules.Remove(module);
            if (wish is not null)
                modules[module] = wish;
        }

        return this with { Modules = modules };
    }

    /// <summary>Finds the modules for which a package is wished and none serves.</summary>
    /// <param name="there">What a process has.</param>
    /// <returns>Their names.</returns>
    public IEnumerable<string> MissingIn(IReadOnlyList<ModuleSummary> there)
    {
        var serving = there.Where(module => module.Package is not null).Select(module => module.Name).ToHashSet();
        return Modules.Where(wish => wish.Value.Package is not null && !serving.Contains(wish.Key)).Select(wish => wish.Key);
    }

    /// <summary>Writes the set down.</summary>
    /// <returns>JSON in UTF-8.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DesiredSetJson.Default.DesiredSet);

    /// <summary>Reads a set.</summary>
    /// <param name="utf8">What was written.</param>
    /// <returns>The set; of a newer version when its format is not the current one.</returns>
    /// <exception cref="JsonException">It is damaged.</exception>
    public static DesiredSet Read(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, DesiredSetJson.Default.DesiredSet) is { Modules: not null } set
            ? set : throw new JsonException("It holds no modules.");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(DesiredSet))]
internal sealed partial class DesiredSetJson : JsonSerializerContext;
