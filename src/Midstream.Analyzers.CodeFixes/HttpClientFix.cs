// A client without settings of its own is what the host lends.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM019.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class HttpClientFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public HttpClientFix()
        : base("MSM019", "Use the client that the host lends")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found is BaseObjectCreationExpressionSyntax { Initializer: null } creation
        && creation.ArgumentList is null or { Arguments.Count: 0 }
        && Reach.Context(found, model) is { } context
            ? (found, SyntaxFactory.InvocationExpression(Reach.Member(context, "CreateHttpClient")))
            : null;
}
