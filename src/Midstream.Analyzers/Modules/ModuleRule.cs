// What all rules have in common: each is one diagnostic, with a page of its own, and looks at the projects of modules only.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Midstream.Analyzers.Modules;

/// <summary>Finds one kind of code that keeps a replaced module in memory, or that misbehaves in a process it shares.</summary>
public abstract class ModuleRule : DiagnosticAnalyzer
{
    /// <summary>The category of all rules.</summary>
    internal const string Category = "Midstream.Modules";

    /// <summary>Where the pages are: in the repository, and in the package that brings the rules.</summary>
    internal const string Pages = "docs/analyzers/";

    private readonly DiagnosticDescriptor _rule;

    private protected ModuleRule(DiagnosticDescriptor rule)
    {
        _rule = rule;
    }

    /// <summary>Gets the one diagnostic.</summary>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [_rule];

    /// <summary>Looks at a project if it is a module's.</summary>
    /// <param name="context">Where to register.</param>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(start =>
        {
            if (ModuleProject.Is(start.Compilation, start.Options))
                Watch(start);
        });
    }

    private protected abstract void Watch(CompilationStartAnalysisContext module);

    private protected Diagnostic At(SyntaxNode node, params object[] named) =>
        Diagnostic.Create(_rule, node.GetLocation(), named);

    private protected Diagnostic At(ISymbol symbol, params object[] named) =>
        Diagnostic.Create(_rule, symbol.Locations.FirstOrDefault(), named);
}
