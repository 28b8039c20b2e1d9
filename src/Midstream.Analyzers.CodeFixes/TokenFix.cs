// The nearest token: the method's own, else that of the generation.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM007.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class TokenFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public TokenFix()
        : base("MSM007", "Hand it a token")
    {
    }

    private const string Token = "System.Threading.CancellationToken";

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found is InvocationExpressionSyntax call && Nearest(found, model) is { } token
            ? (call.ArgumentList, With(call.ArgumentList, SyntaxFactory.Argument(token), model))
            : null;

    private static ExpressionSyntax? Nearest(SyntaxNode at, SemanticModel model) =>
        Reach.Find(at, model, Token)
        ?? (Reach.Context(at, model) is { } context ? Reach.Member(context, "Stopping") : null);

    // A token that says nothing is replaced.
    private static ArgumentListSyntax With(ArgumentListSyntax list, ArgumentSyntax token, SemanticModel model) =>
        list.Arguments.LastOrDefault() is { } last && model.GetTypeInfo(last.Expression).ConvertedType?.ToDisplayString() == Token
            ? list.ReplaceNode(last, token)
            : list.AddArguments(token);
}
