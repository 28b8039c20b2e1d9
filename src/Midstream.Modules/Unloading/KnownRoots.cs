using System.Reflection;
using System.Runtime.Loader;

namespace Midstream.Modules.Unloading;

/// <summary>A place that holds things for as long as the process lives.</summary>
/// <param name="Name">What a reader calls it.</param>
/// <param name="Value">The object there.</param>
/// <param name="Cure">What a module does to be held there no longer.</param>
internal sealed record KnownRoot(string Name, object Value, string Cure);

/// <summary>The places from which a module can be kept in memory, most telling first.</summary>
internal static class KnownRoots
{
    private const BindingFlags Statics =
        BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const string Core = "System.Private.CoreLib";
    private const string Diagnostics = "System.Diagnostics.DiagnosticSource";

    // Static fields of the frameworks, by type. Private: one that is gone is passed over.
    private static readonly (string Type, string Assembly, string Name, string Cure)[] s_places =
    [
        ("System.Threading.TimerQueue", Core, "Timer",
            "Use IModuleContext.Time for timers and delays: they end with the generation; or dispose of it in StopAsync."),
        ("System.AppContext", Core, "Process-wide event", "Remove the handler in StopAsync."),
        ("System.AppDomain", Core, "Process-wide event", "Remove the handler in StopAsync."),
        ("System.Threading.Tasks.TaskScheduler", Core, "Unobserved task event", "Remove the handler in StopAsync."),
        ("System.Console", "System.Console", "Console.CancelKeyPress", "Remove the handler in StopAsync."),
        ("System.Diagnostics.Metrics.Meter", Diagnostics, "Meter",
            "Use IModuleContext.Meter, which is disposed of with the generation."),
        ("System.Diagnostics.Metrics.MeterListener", Diagnostics, "MeterListener", "Dispose of it in StopAsync."),
        ("System.Diagnostics.Metrics.Instrument", Diagnostics, "MeterListener", "Dispose of it in StopAsync."),
        ("System.Diagnostics.ActivitySource", Diagnostics, "ActivityListener", "Dispose of it in StopAsync."),
        ("System.Diagnostics.DiagnosticListener", Diagnostics, "DiagnosticListener",
            "Dispose of the subscription in StopAsync."),
        ("System.Diagnostics.Tracing.EventListener", Core, "EventListener", "Dispose of it in StopAsync."),
        ("System.Diagnostics.Tracing.EventSource", Core, "EventSource", "Dispose of it in StopAsync."),
        ("System.Text.EncodingProvider", Core, "EncodingProvider", "Register providers in the host instead."),
        ("System.Text.Json.JsonSerializerOptions", "System.Text.Json", "Shared JsonSerializerOptions",
            "Use source-generated JSON, or options of the module's own."),
        ("System.Text.Json.JsonSerializerOptions+TrackedCachingContexts", "System.Text.Json", "Shared JsonSerializerOptions",
            "Use source-generated JSON, or options of the module's own."),
        ("System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver", "System.Text.Json", "JSON by reflection",
            "Use source-generated JSON."),
        ("System.ComponentModel.TypeDescriptor", "System.ComponentModel.TypeConverter", "TypeDescriptor",
            "Do without TypeDescriptor, or do it in a contract assembly."),
        ("Microsoft.AspNetCore.Http.ParameterBindingMethodCache", "Microsoft.AspNetCore.Http.Extensions",
            "Endpoints by reflection", "Set EnableRequestDelegateGenerator in the module's project."),
        ("Microsoft.CSharp.RuntimeBinder.Semantics.TypeManager", "Microsoft.CSharp", "dynamic", "Do without dynamic."),
        ("System.Reflection.DispatchProxyGenerator", "System.Reflection.DispatchProxy", "DispatchProxy",
            "Do without DispatchProxy."),
        ("System.Reflection.DispatchProxyGenerator+ProxyAssembly", "System.Reflection.DispatchProxy", "DispatchProxy",
            "Do without DispatchProxy."),
    ];

    public static IEnumerable<KnownRoot> All(IServiceProvider host) =>
        s_places.SelectMany(Find).Append(new KnownRoot(
            "AssemblyLoadContext event", AssemblyLoadContext.Default, "Remove the handler in StopAsync."))
        .Append(new KnownRoot(
            "Host singleton", host,
            "Take back in StopAsync what was given to the host: callbacks, registrations, cache entries, providers."))
        .Concat(HostStatics());

    private static IEnumerable<KnownRoot> Find((string Type, string Assembly, string Name, string Cure) place)
    {
        // What is not loaded holds nothing.
        var assembly = AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(one => one.GetName().Name == place.Assembly);
        return assembly?.GetType(place.Type) is { } type
            ? ValuesOf(type, place.Name, place.Cure)
            : [];
    }

    // Reading a field of a type with an explicit static constructor could run it, for the first time, at any moment.
    private static IEnumerable<KnownRoot> HostStatics() =>
        AssemblyLoadContext.Default.Assemblies.Where(IsHosts).SelectMany(TypesOf)
            .Where(type => !type.ContainsGenericParameters
                && (type.TypeInitializer is null || type.Attributes.HasFlag(TypeAttributes.BeforeFieldInit)))
            .SelectMany(type => ValuesOf(
                type, $"Static field of {type.FullName}", "Remove from it in StopAsync what was put into it."));

    private static bool IsHosts(Assembly assembly) => !assembly.IsDynamic
        && assembly.GetName().Name is { } name
        && !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Microsoft.", StringComparison.Ordinal)
        && !name.StartsWith("Midstream.Modules", StringComparison.Ordinal);

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException some)
        {
            return some.Types.OfType<Type>();
        }
    }

    private static IEnumerable<KnownRoot> ValuesOf(Type type, string name, string cure)
    {
        foreach (var field in type.GetFields(Statics).Where(field => !field.IsLiteral && TypeOf(field) is { IsPrimitive: false }))
        {
            if (ValueOf(field) is { } value and not string)
                yield return new KnownRoot(name, value, cure);
        }
    }

    /// <summary>Gets a field's type.</summary>
    /// <returns>Null when it cannot be loaded: of what a library was built against, not all need be there, or in that
    /// version.</returns>
    public static Type? TypeOf(FieldInfo field)
    {
        try
        {
            return field.FieldType;
        }
        catch (Exception absent) when (absent is TypeLoadException or IOException or BadImageFormatException)
        {
            return null;
        }
    }

    private static object? ValueOf(FieldInfo field)
    {
        try
        {
            return field.GetValue(null);
        }
        catch (Exception)
        {
            // A static constructor that fails, or a field that reflection may not read: it is not the culprit then.
            return null;
        }
    }
}
