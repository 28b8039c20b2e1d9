// Symbols by their full names, as a rule's table holds them.

using Microsoft.CodeAnalysis;

namespace Midstream.Analyzers.Modules;

internal static class Names
{
    /// <summary>Tells whether a type is the one of this name, whatever its type arguments.</summary>
    internal static bool Is(this ITypeSymbol? type, string fullName) =>
        type is not null && fullName.EndsWith(type.Name, StringComparison.Ordinal) && FullName(type) == fullName;

    internal static bool IsAny(this ITypeSymbol? type, params string[] fullNames) => fullNames.Any(type.Is);

    internal static bool IsOrDerivesFrom(this ITypeSymbol? type, string fullName)
    {
        for (var one = type; one is not null; one = one.BaseType)
        {
            if (one.Is(fullName))
                return true;
        }

        return false;
    }

    internal static bool IsOrImplements(this ITypeSymbol? type, string fullName) =>
        type.Is(fullName) || (type is not null && type.AllInterfaces.Any(one => one.Is(fullName)));

    /// <summary>Tells whether a method is one of these of a type.</summary>
    internal static bool Is(this IMethodSymbol method, string typeName, params string[] names) =>
        names.Contains(method.Name) && method.ContainingType.Is(typeName);

    internal static bool IsConstructor(this IMethodSymbol method) => method.MethodKind == MethodKind.Constructor;

    /// <summary>Tells whether it is what an asynchronous method returns.</summary>
    internal static bool IsTask(this ITypeSymbol? type) =>
        type.IsAny("System.Threading.Tasks.Task", "System.Threading.Tasks.ValueTask");

    /// <summary>Gets how a message names a call: <c>new Timer</c>, <c>Task.Run</c>.</summary>
    internal static string Shown(this IMethodSymbol method) =>
        method.IsConstructor() ? $"new {method.ContainingType.Name}" : $"{method.ContainingType.Name}.{method.Name}";

    private static string FullName(ITypeSymbol type) => type.ContainingType is { } outer
        ? $"{FullName(outer)}.{type.Name}"
        : type.ContainingNamespace is { IsGlobalNamespace: false } space ? $"{space.ToDisplayString()}.{type.Name}" : type.Name;
}
