// The host waits for the work that it was given.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM003.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RunFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public RunFix()
        : base("MSM003", "Run it as the module's work")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found is InvocationExpressionSyntax work
        && model.GetSymbolInfo(work).Symbol is IMethodSymbol { ReturnType.Name: "Task" } method
        && work.FirstAncestorOrSelf<ExpressionStatementSyntax>() is { } statement
        && Reach.Context(found, model) is { } context
            ? (statement.Expression, Run(context, method.Name, work.WithoutTrivia()))
            : null;

    private static InvocationExpressionSyntax Run(ExpressionSyntax context, string name, ExpressionSyntax work) =>
        SyntaxFactory.InvocationExpression(Reach.Member(context, "Run")).AddArgumentListArguments(
            SyntaxFactory.Argument(SyntaxFactory.LiteralExpression(
                SyntaxKind.StringLiteralExpression, SyntaxFactory.Literal(name))),
            SyntaxFactory.Argument(SyntaxFactory.SimpleLambdaExpression(
                SyntaxFactory.Parameter(SyntaxFactory.Identifier("_")), work)));
}
