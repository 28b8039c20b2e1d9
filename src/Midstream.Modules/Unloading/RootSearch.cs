using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Midstream.Core.Modules;

namespace Midstream.Modules.Unloading;

/// <summary>
/// Looks for what keeps a generation in memory, from inside the process: goes from the places that are known to hold things
/// (timers, meters, process-wide events, listeners, the host's singletons and static fields) along the references to the first
/// objects of the module. What is held by a running thread's stack, a GC handle or another module is not found.
/// </summary>
internal sealed class RootSearch
{
    private const int ObjectsMax = 2_000_000;
    private const int CulpritsMax = 10;
    private const int AttemptsMax = 3;

    private static readonly TimeSpan s_timeMax = TimeSpan.FromSeconds(5);

    private readonly AssemblyLoadContext _context;
    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<Step> _queue = new();
    private readonly Dictionary<Type, FieldInfo[]> _fields = [];
    private readonly List<UnloadCulprit> _culprits = [];

    private RootSearch(AssemblyLoadContext context) => _context = context;

    /// <summary>Names what keeps a context, as far as it can be found.</summary>
    /// <param name="subject">What was unloaded and is still there.</param>
    /// <param name="host">The host's services, whose singletons are looked through.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IReadOnlyList<UnloadCulprit> Find(UnloadSubject subject, IServiceProvider host)
    {
        if (!subject.Context.TryGetTarget(out var context))
            return [];
        try
        {
            // What is looked through changes meanwhile: a timer that is moved from one list to another is missed.
            for (var attempt = 0; attempt < AttemptsMax; attempt++)
            {
                if (new RootSearch(context).Run(KnownRoots.All(host)) is { Count: > 0 } found)
                    return found;
            }
        }
        catch (Exception failed)
        {
            // A verdict without names, and not none: whoever waits for the generation's end would wait for ever.
            return [NotFound(subject, $"The search has failed: {failed.GetType().Name}: {failed.Message}")];
        }

        return
        [
            NotFound(
                subject,
                "No timer, event, listener, cache or host object holds it. Left are a thread that still runs its code, a GC " +
                "handle, and static fields of libraries: look at its threads and background work first, or use " +
                "'midstream module explain --attach'."),
        ];
    }

    private static UnloadCulprit NotFound(UnloadSubject subject, string reason) => new("not found", subject.Name, reason);

    private List<UnloadCulprit> Run(IEnumerable<KnownRoot> roots)
    {
        var begun = Stopwatch.GetTimestamp();
        foreach (var root in roots)
            Visit(root.Value, new Step(null, root, root.Value, ""));
        while (_queue.TryDequeue(out var step) && _culprits.Count < CulpritsMax && _seen.Count < ObjectsMax
            && Stopwatch.GetElapsedTime(begun) < s_timeMax)
        {
            foreach (var (name, value) in ReferencesOf(step.Value))
                Visit(value, step with { Before = step, Value = value, Member = name });
        }

        return _culprits;
    }

    private void Visit(object value, Step step)
    {
        if (!_seen.Add(value))
            return;
        if (HeldBy(value) is { } held)
            Accuse(step, held);
        else if (CanHold(value))
            _queue.Enqueue(step);
    }

    private string? HeldBy(object value)
    {
        if (value is Delegate function && function.Method.DeclaringType is { } owner && FrameworkCaches.Belongs(owner, _context))
            return $"{TypeName(owner)}.{function.Method.Name}";
        return FrameworkCaches.Belongs(value, _context) ? TypeName(value as Type ?? value.GetType()) : null;
    }

    private void Accuse(Step step, string held)
    {
        var path = new List<string>();
        for (var at = step; at.Before is not null; at = at.Before)
            path.Add($"{TypeName(at.Before.Value.GetType())}.{at.Member}");
        path.Reverse();
        var shown = path.Count <= 6 ? path : [.. path.Take(2), "...", .. path.TakeLast(3)];
        var culprit = new UnloadCulprit($"{step.Root.Name}: {string.Join(" > ", shown)}", held, step.Root.Cure);
        if (!_culprits.Exists(known => known.Held == held && known.Cure == culprit.Cure))
            _culprits.Add(culprit);
    }

    // What is of another module is not looked into: the runtime (10.0.12) has crashed over the fields of such types.
    private static bool CanHold(object value) => value is not (
        string or Type or MemberInfo or Assembly or Module or ParameterInfo or Thread or WeakReference)
        && (value is not AssemblyLoadContext context || context == AssemblyLoadContext.Default)
        && value.GetType() is { IsPointer: false, IsCollectible: false };

    private IEnumerable<(string Name, object Value)> ReferencesOf(object value)
    {
        if (value is Array array)
            return array.GetType().GetElementType() is { IsPrimitive: false, IsPointer: false }
                ? array.Cast<object?>().OfType<object>().Select(item => ("[]", item))
                : [];
        return FieldsOf(value.GetType()).Select(field => (field.Name, Value: field.GetValue(value)))
            .Where(one => one.Value is not null).Select(one => (one.Name, one.Value!));
    }

    private FieldInfo[] FieldsOf(Type type)
    {
        if (_fields.TryGetValue(type, out var known))
            return known;
        var fields = new List<FieldInfo>();
        for (var at = type; at is not null; at = at.BaseType)
        {
            fields.AddRange(at.GetFields(
                    BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(field => KnownRoots.TypeOf(field) is { } its && CanRefer(its)));
        }

        return _fields[type] = [.. fields];
    }

    private static bool CanRefer(Type type) =>
        !type.IsPrimitive && !type.IsPointer && !type.IsFunctionPointer && !type.IsEnum && !type.IsByRefLike
        && type != typeof(string);

    private static string TypeName(Type type) => type.IsGenericType
        ? $"{type.FullName?.Split('`')[0] ?? type.Name}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>"
        : type.FullName ?? type.Name;

    private sealed record Step(Step? Before, KnownRoot Root, object Value, string Member);
}
