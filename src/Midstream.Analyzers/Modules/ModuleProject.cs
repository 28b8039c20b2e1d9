// Which projects the rules look at: those with a class that is a module, and those that say they are part of one.

using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Midstream.Analyzers.Modules;

internal static class ModuleProject
{
    internal const string Contract = "Midstream.IModule";
    internal const string Context = "Midstream.IModuleContext";

    // A project says it: <MidstreamModule>true</MidstreamModule> in a library of a module, false in the tests of one.
    private const string Said = "MidstreamModule";

    // Every rule asks, and the answer takes a walk through all types.
    private static readonly ConditionalWeakTable<Compilation, object> s_found = new();

    internal static bool Is(Compilation compilation, AnalyzerOptions options) =>
        Property(options, Said) is { Length: > 0 } said
            ? string.Equals(said, "true", StringComparison.OrdinalIgnoreCase)
            : (bool)s_found.GetValue(compilation, one => HasModule(one));

    /// <summary>Reads a property of the project.</summary>
    /// <param name="options">The project's options.</param>
    /// <param name="name">The property's name.</param>
    /// <returns>Its value, empty when it is not set; null when the project does not show it.</returns>
    internal static string? Property(AnalyzerOptions options, string name) =>
        options.AnalyzerConfigOptionsProvider.GlobalOptions.TryGetValue($"build_property.{name}", out var value) ? value : null;

    internal static bool IsModule(INamedTypeSymbol type, INamedTypeSymbol contract) =>
        type.TypeKind == TypeKind.Class && type.AllInterfaces.Contains(contract, SymbolEqualityComparer.Default);

    private static bool HasModule(Compilation compilation) =>
        compilation.GetTypeByMetadataName(Contract) is { } contract
        && Types(compilation.Assembly.GlobalNamespace).Any(type => IsModule(type, contract));

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol within) =>
        within.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(member =>
            member is INamedTypeSymbol type ? Types(type).Prepend(type) : Types(member));
}
