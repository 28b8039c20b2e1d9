// Most rules are about a call: of a method, or of a constructor.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midstream.Analyzers.Modules;

/// <summary>Finds calls.</summary>
public abstract class CallRule : ModuleRule
{
    private protected CallRule(DiagnosticDescriptor rule)
        : base(rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module) =>
        module.RegisterOperationAction(Look, OperationKind.Invocation, OperationKind.ObjectCreation);

    /// <summary>Looks at a call.</summary>
    /// <param name="call">The call: an invocation or the creation of an object.</param>
    /// <param name="method">What is called.</param>
    /// <returns>What the message names; null when there is nothing to say.</returns>
    private protected abstract string? Find(IOperation call, IMethodSymbol method);

    private void Look(OperationAnalysisContext context)
    {
        var method = context.Operation switch
        {
            IInvocationOperation invocation => invocation.TargetMethod,
            IObjectCreationOperation creation => creation.Constructor,
            _ => null,
        };
        if (method is not null && Find(context.Operation, method) is { } named)
            context.ReportDiagnostic(At(context.Operation.Syntax, named));
    }
}
