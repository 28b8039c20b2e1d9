using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Microsoft.AspNetCore.Routing;
using Midstream.Core.Modules;

namespace Midstream.Modules.Unloading;

// The caches are private members of another project: a new version of the runtime may move them, and the sweep would then pass
// over them in silence. So a type of a load context of its own is put into each that can be filled from outside, and looked for.

/// <summary>Tests, once in a process, that the frameworks' caches are where the sweep knows them to be, and that it empties
/// them.</summary>
internal static class CacheSelfTest
{
    private static readonly Lazy<IReadOnlyList<string>> s_problems = new(Run);

    // The caches that the probe fills, and what fills them.
    private static readonly (string Cache, Action<object> Fill)[] s_probes =
    [
        ("System.ComponentModel.DataAnnotations.ValidationAttributeStore",
            probe => Validator.TryValidateObject(probe, new ValidationContext(probe), null)),
        ("Microsoft.AspNetCore.Routing.RouteValueDictionary", probe => _ = new RouteValueDictionary(probe).Count),
        ("System.ComponentModel.ReflectTypeDescriptionProvider",
            probe => _ = TypeDescriptor.GetProperties(probe.GetType()).Count),
    ];

    /// <summary>Gets what is not as it is known to be; empty when all is well.</summary>
    public static IReadOnlyList<string> Problems => s_problems.Value;

    /// <summary>Says in a verdict that the sweep does not fit the runtime; nothing when it does.</summary>
    public static IEnumerable<UnloadCulprit> AsCulprits() => Problems.Select(problem => new UnloadCulprit(
        "Framework cache", problem,
        $"Midstream does not know where {RuntimeInformation.FrameworkDescription} keeps types here: update Midstream, or do " +
        "without what the cache is for."));

    // The probe first: some tables are made when they are first needed.
    private static IReadOnlyList<string> Run() => [.. Probe(), .. FrameworkCaches.FindMissing()];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<string> Probe()
    {
        var context = new AssemblyLoadContext("midstream-cache-test", isCollectible: true);
        try
        {
            using var image = File.OpenRead(typeof(IModule).Assembly.Location);
            var type = context.LoadFromStream(image).GetType(typeof(WarmUpRequest).FullName!)!;
            return FindProblems(context, Activator.CreateInstance(type, "/")!);
        }
        catch (Exception failed)
        {
            return [$"the probe itself: {failed.Message}"];
        }
        finally
        {
            context.Unload();
        }
    }

    private static List<string> FindProblems(AssemblyLoadContext context, object probe)
    {
        foreach (var (_, fill) in s_probes)
            fill(probe);
        var problems = s_probes.Where(one => FrameworkCaches.CountOf(one.Cache, context) == 0)
            .Select(one => $"{one.Cache} does not keep what it is known to keep").ToList();
        FrameworkCaches.Sweep(context);
        problems.AddRange(s_probes.Where(one => FrameworkCaches.CountOf(one.Cache, context) > 0)
            .Select(one => $"{one.Cache} keeps what was swept from it"));
        return problems;
    }
}
