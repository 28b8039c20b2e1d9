using System.Collections;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.Loader;

namespace Midstream.Modules.Unloading;

/// <summary>
/// Ends what the libraries of a package have left with the process: handlers of its end, timers, meters. A library takes the
/// process's end for its own, and its user cannot teach it otherwise; so when its module goes, it is told that the process
/// ends. What the module's own assembly leaves is left alone, and named: its author can cure it.
/// </summary>
internal sealed class LibraryRemains
{
    private const BindingFlags Anything =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly AssemblyLoadContext _context;
    private readonly string _own;
    private readonly List<Exception> _thrown = [];

    private LibraryRemains(AssemblyLoadContext context, string own)
    {
        _context = context;
        _own = own;
    }

    /// <summary>Ends everything. Runs code of the libraries, which may throw or hang; who calls bounds the time.</summary>
    /// <param name="context">Where the module lives.</param>
    /// <param name="own">The simple name of the module's own assembly.</param>
    /// <exception cref="AggregateException">What handlers have thrown; everything was ended all the same.</exception>
    public static void End(AssemblyLoadContext context, string own)
    {
        var remains = new LibraryRemains(context, own);
        // Handlers first: they may still need the rest.
        remains.EndHandlers();
        remains.EndTimers();
        remains.EndMeters();
        if (remains._thrown.Count > 0)
            throw new AggregateException(remains._thrown);
    }

    private void EndHandlers()
    {
        var domain = AppDomain.CurrentDomain;
        var handlers = DelegatesOf(typeof(AppContext), null).Concat(DelegatesOf(typeof(AppDomain), domain))
            .OfType<EventHandler>().SelectMany(all => all.GetInvocationList()).Cast<EventHandler>()
            .Where(IsLibrarys).Distinct().ToList();
        foreach (var handler in handlers)
        {
            domain.ProcessExit -= handler;
            domain.DomainUnload -= handler;
            Try(() => handler(domain, EventArgs.Empty));
        }
    }

    private void EndTimers()
    {
        var queues = Type.GetType("System.Threading.TimerQueue")?.GetProperty("Instances", Anything)?.GetValue(null);
        foreach (var timer in (queues as IEnumerable ?? Array.Empty<object>()).Cast<object>().SelectMany(TimersOf).ToList())
            Try(timer.Dispose);
    }

    private List<IDisposable> TimersOf(object queue)
    {
        // The queue's own lock: its lists change at any moment.
        if (Member(queue, "SharedLock") is not Lock shared)
            return [];
        var found = new List<IDisposable>();
        lock (shared)
        {
            foreach (var list in new[] { "_shortTimers", "_longTimers" })
            {
                for (var timer = Member(queue, list); timer is not null; timer = Member(timer, "_next"))
                {
                    if (Member(timer, "_timerCallback") is Delegate callback && IsLibrarys(callback) && timer is IDisposable one)
                        found.Add(one);
                }
            }
        }

        return found;
    }

    // A meter that is disposed of gives its instruments back, with the callbacks by which they are observed.
    private void EndMeters()
    {
        if (typeof(Meter).GetField("s_allMeters", Anything)?.GetValue(null) is not ICollection all)
            return;
        List<Meter> meters;
        lock (typeof(Instrument).GetField("SyncObject", Anything)?.GetValue(null) ?? all)
            meters = [.. all.Cast<Meter>()];
        foreach (var meter in meters.Where(meter => InstrumentsOf(meter).Any(IsObservedByLibrary)))
            Try(meter.Dispose);
    }

    private static List<object> InstrumentsOf(Meter meter) =>
        Member(meter, "_instruments") is ICollection instruments ? [.. instruments.Cast<object>()] : [];

    private bool IsObservedByLibrary(object instrument) => FieldsOf(instrument.GetType())
        .Select(field => field.GetValue(instrument)).OfType<Delegate>().Any(IsLibrarys);

    private bool IsLibrarys(Delegate callback) =>
        (callback.Method.DeclaringType ?? callback.Target?.GetType())?.Assembly is { } assembly
        && AssemblyLoadContext.GetLoadContext(assembly) == _context
        && !string.Equals(assembly.GetName().Name, _own, StringComparison.OrdinalIgnoreCase);

    private void Try(Action end)
    {
        try
        {
            end();
        }
        catch (Exception error)
        {
            _thrown.Add(error);
        }
    }

    private static IEnumerable<object?> DelegatesOf(Type type, object? owner) => type.GetFields(Anything)
        .Where(field => typeof(Delegate).IsAssignableFrom(field.FieldType) && (field.IsStatic || owner is not null))
        .Select(field => field.GetValue(owner));

    private static object? Member(object owner, string name) =>
        owner.GetType().GetField(name, Anything)?.GetValue(owner) ?? owner.GetType().GetProperty(name, Anything)?.GetValue(owner);

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var field in at.GetFields(Anything & ~BindingFlags.Static | BindingFlags.DeclaredOnly))
                yield return field;
        }
    }
}
