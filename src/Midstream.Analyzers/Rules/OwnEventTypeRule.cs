// An event between modules has to be of a type that both know.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM024.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnEventTypeRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM024",
        "Event of a type of the module's own",
        "No other module knows '{0}', and the host refuses it: declare it in a contract assembly that the host shares",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM024.md");

    /// <summary>Makes the rule.</summary>
    public OwnEventTypeRule()
        : base(s_rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module) =>
        module.RegisterOperationAction(Look, OperationKind.Invocation);

    private void Look(OperationAnalysisContext context)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Is("Midstream.IModuleEvents", "PublishAsync", "Subscribe")
            && call.TargetMethod.TypeArguments.FirstOrDefault() is { } happened
            && SymbolEqualityComparer.Default.Equals(happened.ContainingAssembly, context.Compilation.Assembly))
        {
            context.ReportDiagnostic(At(call.Syntax, happened.Name));
        }
    }
}
