// Services are disposed of one after the other: one that waits holds up the end of the generation.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM022.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BlockingDisposalRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM022",
        "Wait in a disposal",
        "'{0}' blocks the end of the generation, for ever if the two wait for each other: implement IAsyncDisposable",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM022.md");

    /// <summary>Makes the rule.</summary>
    public BlockingDisposalRule()
        : base(s_rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module)
    {
        module.RegisterOperationAction(
            context => Look(context, ((IInvocationOperation)context.Operation).TargetMethod), OperationKind.Invocation);
        module.RegisterOperationAction(
            context => Look(context, ((IPropertyReferenceOperation)context.Operation).Property), OperationKind.PropertyReference);
    }

    private void Look(OperationAnalysisContext context, ISymbol member)
    {
        if (IsWait(member) && IsDisposal(context.ContainingSymbol))
            context.ReportDiagnostic(At(context.Operation.Syntax, $"{member.ContainingType.Name}.{member.Name}"));
    }

    private static bool IsWait(ISymbol member) => member.Name switch
    {
        "Wait" or "WaitAll" or "WaitAny" or "Result" => member.ContainingType.IsTask(),
        "GetResult" => member.ContainingType.Name is "TaskAwaiter" or "ValueTaskAwaiter"
            or "ConfiguredTaskAwaiter" or "ConfiguredValueTaskAwaiter",
        _ => false,
    };

    private static bool IsDisposal(ISymbol symbol) =>
        symbol is IMethodSymbol { Name: "Dispose" or "System.IDisposable.Dispose", ReturnsVoid: true, ContainingType: var type }
        && type.IsOrImplements("System.IDisposable");
}
