// An event holds its handlers for as long as its owner lives: for ever, if that is the process.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM004.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OutlivingEventRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM004",
        "Handler on an event that outlives the module",
        "'{0}' belongs to the process and keeps this handler's generation in memory: take the handler off in StopAsync",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM004.md");

    /// <summary>Makes the rule.</summary>
    public OutlivingEventRule()
        : base(s_rule)
    {
    }

    private protected override void Watch(CompilationStartAnalysisContext module) =>
        module.RegisterOperationAction(Look, OperationKind.EventAssignment);

    private void Look(OperationAnalysisContext context)
    {
        if (context.Operation is IEventAssignmentOperation { Adds: true } added
            && added.EventReference is IEventReferenceOperation reference
            && Outlives(reference, context.Compilation) && !IsTakenOff(reference, added))
        {
            context.ReportDiagnostic(At(added.Syntax, $"{reference.Event.ContainingType.Name}.{reference.Event.Name}"));
        }
    }

    private static bool Outlives(IEventReferenceOperation reference, Compilation module) =>
        !SymbolEqualityComparer.Default.Equals(reference.Event.ContainingAssembly, module.Assembly)
        && (reference.Event.IsStatic
            || reference.Event.ContainingType.IsAny("System.AppDomain", "System.Runtime.Loader.AssemblyLoadContext")
            || reference.Instance is IMemberReferenceOperation { Member.IsStatic: true } of && !IsOwn(of, module));

    private static bool IsOwn(IMemberReferenceOperation holder, Compilation module) =>
        SymbolEqualityComparer.Default.Equals(holder.Member.ContainingAssembly, module.Assembly);

    // Anywhere in the type that puts it on: what is taken off under a condition is the author's to know.
    private static bool IsTakenOff(IEventReferenceOperation reference, IOperation added) =>
        added.Syntax.Ancestors().OfType<TypeDeclarationSyntax>().Take(1)
            .SelectMany(type => type.DescendantNodes()).OfType<AssignmentExpressionSyntax>()
            .Where(assignment => assignment.IsKind(SyntaxKind.SubtractAssignmentExpression))
            .Any(assignment => SymbolEqualityComparer.Default.Equals(
                added.SemanticModel!.GetSymbolInfo(assignment.Left).Symbol, reference.Event));
}
