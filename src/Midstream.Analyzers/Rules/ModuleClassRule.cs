// What the host looks for in a package: a public class that it can make.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM025.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ModuleClassRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM025",
        "Module that the host cannot make",
        "The host cannot make '{0}': a module is a public class with a public constructor without parameters",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM025.md");

    /// <summary>Makes the rule.</summary>
    public ModuleClassRule()
        : base(s_rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module)
    {
        if (module.Compilation.GetTypeByMetadataName(ModuleProject.Contract) is { } contract)
            module.RegisterSymbolAction(context => Look(context, contract), SymbolKind.NamedType);
    }

    private void Look(SymbolAnalysisContext context, INamedTypeSymbol contract)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!type.IsAbstract && ModuleProject.IsModule(type, contract) && !(IsVisible(type) && HasConstructor(type)))
            context.ReportDiagnostic(At(type, type.Name));
    }

    private static bool IsVisible(INamedTypeSymbol type) =>
        type.DeclaredAccessibility == Accessibility.Public && (type.ContainingType is not { } outer || IsVisible(outer));

    private static bool HasConstructor(INamedTypeSymbol type) => !type.IsGenericType && type.InstanceConstructors.Any(one =>
        one.Parameters.IsEmpty && one.DeclaredAccessibility == Accessibility.Public);
}
