// A source that does not leave its method can end with it.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM008.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UsingFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public UsingFix()
        : base("MSM008", "Dispose of it at the end")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is { } declaration && declaration.UsingKeyword == default
            ? (declaration, declaration.WithoutLeadingTrivia()
                .WithUsingKeyword(SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithTrailingTrivia(SyntaxFactory.Space)))
            : null;
}
