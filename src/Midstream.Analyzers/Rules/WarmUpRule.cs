// The first request of a route compiles what the thousandth only runs.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM026.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class WarmUpRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM026",
        "Endpoints without warm-up",
        "'{0}' maps endpoints and warms none up, so the first client of each waits for its compilation: implement WarmUp",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Pages + "MSM026.md");

    /// <summary>Makes the rule.</summary>
    public WarmUpRule()
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
        if (ModuleProject.IsModule(type, contract)
            && Implements(type, contract, "MapEndpoints") && !Implements(type, contract, "WarmUp"))
        {
            context.ReportDiagnostic(At(type, type.Name));
        }
    }

    // The contract's own body is what runs where the class has none.
    private static bool Implements(INamedTypeSymbol type, INamedTypeSymbol contract, string member) =>
        contract.GetMembers(member).Any(one => type.FindImplementationForInterfaceMember(one) is { } found
            && !SymbolEqualityComparer.Default.Equals(found.ContainingType, contract));
}
