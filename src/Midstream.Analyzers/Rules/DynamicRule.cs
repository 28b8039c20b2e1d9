// The binder of C# keeps every type it has bound, in tables of the process.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM010.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DynamicRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM010",
        "Use of dynamic",
        "'{0}' is bound by tables that keep the module's types in memory for ever: use a type, an interface or a pattern",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM010.md");

    /// <summary>Makes the rule.</summary>
    public DynamicRule()
        : base(s_rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module) => module.RegisterOperationAction(
        Look,
        OperationKind.DynamicInvocation, OperationKind.DynamicMemberReference,
        OperationKind.DynamicIndexerAccess, OperationKind.DynamicObjectCreation);

    // The outermost of a chain: a.b.c() is one finding.
    private void Look(OperationAnalysisContext context)
    {
        if (!IsPartOfAnother(context.Operation))
            context.ReportDiagnostic(At(context.Operation.Syntax, context.Operation.Syntax.ToString()));
    }

    private static bool IsPartOfAnother(IOperation operation) => operation.Parent is IDynamicInvocationOperation
        or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation or IDynamicObjectCreationOperation;
}
