// The host sees public classes only.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM025.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class PublicFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public PublicFix()
        : base("MSM025", "Make it public")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found is ClassDeclarationSyntax { Parent: BaseNamespaceDeclarationSyntax or CompilationUnitSyntax } type
        && !type.Modifiers.Any(SyntaxKind.PublicKeyword)
            ? (type, Public(type))
            : null;

    private static ClassDeclarationSyntax Public(ClassDeclarationSyntax type)
    {
        var others = type.Modifiers.Where(one => !one.IsKind(SyntaxKind.InternalKeyword)).Select(one => one.WithLeadingTrivia());
        var access = SyntaxFactory.Token(SyntaxKind.PublicKeyword).WithTrailingTrivia(SyntaxFactory.Space);
        return type.WithModifiers(SyntaxFactory.TokenList(others.Prepend(access)))
            .WithKeyword(type.Keyword.WithLeadingTrivia());
    }
}
