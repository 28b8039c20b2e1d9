using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.Loader;

namespace Midstream.Modules.Unloading;

// The caches of .NET 10 that keep a module's types for ever, found by measurement. Reached by name, because they are private:
// one that is not there any more is passed over, and a leak is then reported like any other.

/// <summary>Takes out of the frameworks' caches what belongs to a load context that goes. Whatever fails leaves the cache as it
/// was.</summary>
internal static class FrameworkCaches
{
    private const BindingFlags Anything =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private const string Json = "System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver, System.Text.Json";

    // The type, and the path of members to a dictionary.
    private static readonly (string Type, string Path)[] s_dictionaries =
    [
        ("Microsoft.AspNetCore.Http.ParameterBindingMethodCache, Microsoft.AspNetCore.Http.Extensions", "Instance/*"),
        ("Microsoft.AspNetCore.Http.ParameterBindingMethodCache, Microsoft.AspNetCore.Http.Extensions", "NonThrowingInstance/*"),
        ("Microsoft.AspNetCore.Http.ParameterBindingMethodCache, Microsoft.AspNetCore.Mvc.Abstractions", "Instance/*"),
        ("Microsoft.AspNetCore.Http.ParameterBindingMethodCache, Microsoft.AspNetCore.Mvc.Abstractions", "NonThrowingInstance/*"),
        ("Microsoft.Extensions.Internal.PropertyHelper, Microsoft.AspNetCore.Http.Abstractions", "*"),
        ("Microsoft.Extensions.Internal.PropertyHelper, Microsoft.AspNetCore.Routing", "*"),
        ("Microsoft.Extensions.Internal.PropertyHelper, Microsoft.AspNetCore.Mvc.Core", "*"),
        ("Microsoft.AspNetCore.Routing.RouteValueDictionary, Microsoft.AspNetCore.Http.Abstractions", "*"),
        ("System.ComponentModel.DataAnnotations.ValidationAttributeStore, System.ComponentModel.Annotations", "Instance/*"),
        ("System.ComponentModel.DataAnnotations.AssociatedMetadataTypeTypeDescriptor+TypeDescriptorCache, " +
            "System.ComponentModel.Annotations", "*"),
        ("System.ComponentModel.TypeDescriptor, System.ComponentModel.TypeConverter", "*"),
        ("System.ComponentModel.ReflectTypeDescriptionProvider, System.ComponentModel.TypeConverter", "*"),
    ];

    // Of a library that the host may share with its modules, or not have at all.
    private static readonly (string Type, string Path)[] s_libraries =
    [
        ("Microsoft.EntityFrameworkCore.Internal.ServiceProviderCache, Microsoft.EntityFrameworkCore", "Instance/*"),
    ];

    private static readonly string[] s_providerTables = ["s_providerTypeTable", "s_providerTable"];

    private static readonly Lock s_lock = new();

    /// <summary>Takes out what belongs to a context.</summary>
    /// <returns>The number of entries taken out.</returns>
    public static int Sweep(AssemblyLoadContext context)
    {
        var removed = 0;
        lock (s_lock)
        {
            ClearJson();
            foreach (var (type, path) in s_dictionaries.Concat(s_libraries))
                removed += Try(() => SweepPath(type, path, context));
            removed += Try(() => SweepProviders(context));
        }

        return removed;
    }

    /// <summary>Clears what the whole process shares and knows all types: JSON options, and the internal services of Entity
    /// Framework. They are made again at need, so it costs the next user of each some time.</summary>
    public static void ClearShared()
    {
        Try(() =>
        {
            var handler = Type.GetType("System.Text.Json.JsonSerializerOptionsUpdateHandler, System.Text.Json");
            handler?.GetMethod("ClearCache", Anything)?.Invoke(null, [null]);
            return 0;
        });
        foreach (var (type, path) in s_libraries)
        {
            Try(() =>
            {
                TablesOf(type, path).ForEach(table => table.Clear());
                return 0;
            });
        }
    }

    private static int Try(Func<int> sweep)
    {
        try
        {
            return sweep();
        }
        catch (Exception)
        {
            // Private members of another version: nothing has been changed, and a leak will be named.
            return 0;
        }
    }

    // Compiled accessors of all types; filled again at need. With a resolver of its own for each generation nothing else is held.
    private static void ClearJson() => Try(() =>
    {
        var accessor = Type.GetType(Json)?.GetField("s_memberAccessor", Anything)?.GetValue(null);
        accessor?.GetType().GetMethod("Clear", Anything)?.Invoke(accessor, null);
        return 0;
    });

    /// <summary>Finds the tables that are not where they are known to be.</summary>
    public static IEnumerable<string> FindMissing()
    {
        foreach (var missing in FindMissing(s_dictionaries))
            yield return missing;
        if (Count(() => ProviderTables().Count()) < s_providerTables.Length)
            yield return $"TypeDescriptor has not both {string.Join(" and ", s_providerTables)}";
        if (Type.GetType(Json)?.GetField("s_memberAccessor", Anything) is null)
            yield return "DefaultJsonTypeInfoResolver has no s_memberAccessor";
    }

    /// <summary>Finds those of some tables that are not where they are said to be.</summary>
    internal static IEnumerable<string> FindMissing(IEnumerable<(string Type, string Path)> tables) => tables
        .Where(table => Count(() => TablesOf(table.Type, table.Path).Count) == 0)
        .Select(table => $"{table.Type.Split(',')[0]} has no table at {table.Path}");

    /// <summary>Counts what a context has in the tables of a type.</summary>
    /// <param name="type">The type's full name.</param>
    /// <param name="context">The context.</param>
    public static int CountOf(string type, AssemblyLoadContext context) => Count(() => s_dictionaries
        .Where(table => table.Type.StartsWith($"{type},", StringComparison.Ordinal))
        .SelectMany(table => TablesOf(table.Type, table.Path))
        .Sum(table => table.Keys.Cast<object>().Count(key => Belongs(key, context))));

    private static int Count(Func<int> count) => Try(count);

    private static int SweepPath(string typeName, string path, AssemblyLoadContext context) =>
        TablesOf(typeName, path).Sum(dictionary => Remove(dictionary, context));

    private static List<IDictionary> TablesOf(string typeName, string path)
    {
        if (Type.GetType(typeName) is not { } type)
            return [];
        object? owner = null;
        var steps = path.Split('/');
        foreach (var step in steps[..^1])
        {
            owner = type.GetField(step, Anything)?.GetValue(owner)
                ?? type.GetProperty(step, Anything)?.GetValue(owner);
            if (owner is null)
                return [];
            type = owner.GetType();
        }

        return [.. type.GetFields(Anything).Where(field => field.IsStatic == owner is null)
            .Select(field => field.GetValue(owner)).OfType<IDictionary>().Distinct()];
    }

    // Each provider in the two tables (of all objects, of all interfaces, of single types) has a dictionary of its own.
    private static int SweepProviders(AssemblyLoadContext context) =>
        ProviderTables().SelectMany(table => table.Values.Cast<object?>().ToList())
            .Sum(node => SweepChain(node, context));

    private static IEnumerable<IDictionary> ProviderTables() => s_providerTables
        .Select(table => typeof(TypeDescriptor).GetField(table, Anything)?.GetValue(null)).OfType<IDictionary>();

    private static int SweepChain(object? node, AssemblyLoadContext context)
    {
        var removed = 0;
        for (; node is not null; node = Field(node, "Next"))
        {
            if (Field(node, "Provider") is { } provider && Field(provider, "_typeData") is IDictionary types)
                removed += Remove(types, context);
        }

        return removed;
    }

    private static object? Field(object owner, string name) =>
        owner.GetType().GetField(name, Anything)?.GetValue(owner) ?? owner.GetType().GetProperty(name, Anything)?.GetValue(owner);

    private static int Remove(IDictionary dictionary, AssemblyLoadContext context)
    {
        var removed = 0;
        lock (dictionary.IsSynchronized || dictionary is Hashtable ? dictionary.SyncRoot : dictionary)
        {
            foreach (var key in dictionary.Keys.Cast<object>().ToList())
            {
                if (!Belongs(key, context) && !(dictionary[key] is { } value && Belongs(value, context)))
                    continue;
                dictionary.Remove(key);
                removed++;
            }
        }

        return removed;
    }

    /// <summary>Tells whether an object is of, or names, a type of a context.</summary>
    internal static bool Belongs(object item, AssemblyLoadContext context) => item switch
    {
        Type type => OfContext(type, context),
        MemberInfo member => member.DeclaringType is { } owner && OfContext(owner, context),
        ParameterInfo parameter => Belongs(parameter.Member, context) || OfContext(parameter.ParameterType, context),
        _ => OfContext(item.GetType(), context)
            || (item.GetType() is { IsValueType: true, IsCollectible: false } && FieldsBelong(item, context)),
    };

    // A key may be a structure of a type and a name.
    private static bool FieldsBelong(object item, AssemblyLoadContext context) =>
        !item.GetType().IsPrimitive && item.GetType().GetFields(Anything & ~BindingFlags.Static)
            .Select(field => field.GetValue(item))
            .Any(value => value is Type or MemberInfo or ParameterInfo && Belongs(value, context));

    private static bool OfContext(Type type, AssemblyLoadContext context) =>
        AssemblyLoadContext.GetLoadContext(type.Assembly) == context
        || (type.HasElementType && OfContext(type.GetElementType()!, context))
        || (type.IsGenericType && type.GetGenericArguments().Any(argument => OfContext(argument, context)));
}
