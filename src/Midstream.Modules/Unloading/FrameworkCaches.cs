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
        // Of a host that shares Entity Framework with its modules.
        ("Microsoft.EntityFrameworkCore.Internal.ServiceProviderCache, Microsoft.EntityFrameworkCore", "Instance/*"),
        ("System.ComponentModel.DataAnnotations.ValidationAttributeStore, System.ComponentModel.Annotations", "Instance/*"),
        ("System.ComponentModel.DataAnnotations.AssociatedMetadataTypeTypeDescriptor+TypeDescriptorCache, " +
            "System.ComponentModel.Annotations", "*"),
        ("System.ComponentModel.TypeDescriptor, System.ComponentModel.TypeConverter", "*"),
        ("System.ComponentModel.ReflectTypeDescriptionProvider, System.ComponentModel.TypeConverter", "*"),
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
            foreach (var (type, path) in s_dictionaries)
                removed += Try(() => SweepPath(type, path, context));
            removed += Try(() => SweepProviders(context));
        }

        return removed;
    }

    /// <summary>Clears what JSON options that the whole process shares know of all types. It is made again at need, so it costs
    /// the next user of each type some time.</summary>
    public static void ClearSharedJson() => Try(() =>
    {
        var handler = Type.GetType("System.Text.Json.JsonSerializerOptionsUpdateHandler, System.Text.Json");
        handler?.GetMethod("ClearCache", Anything)?.Invoke(null, [null]);
        return 0;
    });

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

    private static int SweepPath(string typeName, string path, AssemblyLoadContext context)
    {
        if (Type.GetType(typeName) is not { } type)
            return 0;
        object? owner = null;
        var steps = path.Split('/');
        foreach (var step in steps[..^1])
        {
            owner = type.GetField(step, Anything)?.GetValue(owner)
                ?? type.GetProperty(step, Anything)?.GetValue(owner);
            if (owner is null)
                return 0;
            type = owner.GetType();
        }

        return type.GetFields(Anything).Where(field => field.IsStatic == owner is null)
            .Select(field => field.GetValue(owner)).OfType<IDictionary>().Distinct()
            .Sum(dictionary => Remove(dictionary, context));
    }

    // Each provider in the two tables (of all objects, of all interfaces, of single types) has a dictionary of its own.
    private static int SweepProviders(AssemblyLoadContext context) =>
        s_providerTables
            .Select(table => typeof(TypeDescriptor).GetField(table, Anything)?.GetValue(null)).OfType<IDictionary>()
            .SelectMany(table => table.Values.Cast<object?>().ToList())
            .Sum(node => SweepChain(node, context));

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
        _ => OfContext(item.GetType(), context) || (item.GetType().IsValueType && FieldsBelong(item, context)),
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
