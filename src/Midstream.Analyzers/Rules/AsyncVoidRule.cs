// Nobody can wait for it, and what it throws ends the process.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM021.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AsyncVoidRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM021",
        "Asynchronous method without a task",
        "Nobody can wait for '{0}', and what it throws ends the process: return a Task",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM021.md");

    /// <summary>Makes the rule.</summary>
    public AsyncVoidRule()
        : base(s_rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module)
    {
        module.RegisterSymbolAction(LookAtMethod, SymbolKind.Method);
        module.RegisterOperationAction(LookAtLambda, OperationKind.AnonymousFunction);
        module.RegisterOperationAction(LookAtLocal, OperationKind.LocalFunction);
    }

    private void LookAtMethod(SymbolAnalysisContext context)
    {
        if (context.Symbol is IMethodSymbol { IsAsync: true, ReturnsVoid: true } method)
            context.ReportDiagnostic(At(method, method.Name));
    }

    private void LookAtLambda(OperationAnalysisContext context)
    {
        if (((IAnonymousFunctionOperation)context.Operation).Symbol is { IsAsync: true, ReturnsVoid: true })
            context.ReportDiagnostic(At(context.Operation.Syntax, "this function"));
    }

    private void LookAtLocal(OperationAnalysisContext context)
    {
        if (((ILocalFunctionOperation)context.Operation).Symbol is { IsAsync: true, ReturnsVoid: true } method)
            context.ReportDiagnostic(At(method, method.Name));
    }
}
