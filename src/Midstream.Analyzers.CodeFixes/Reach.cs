// What the code at a place can name: a cure may only use what is there.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

internal static class Reach
{
    /// <summary>Finds a parameter, variable, field or property of a type.</summary>
    /// <param name="at">The place.</param>
    /// <param name="model">What the file means.</param>
    /// <param name="typeName">The type's full name.</param>
    /// <returns>Its name; null when there is none.</returns>
    internal static ExpressionSyntax? Find(SyntaxNode at, SemanticModel model, string typeName)
    {
        var found = model.LookupSymbols(at.SpanStart)
            .Where(symbol => IsNamed(TypeOf(symbol), typeName) && CanBeNamed(symbol, at, model))
            .OrderBy(symbol => symbol is IParameterSymbol ? 0 : 1)
            .FirstOrDefault();
        return found is null ? null : SyntaxFactory.IdentifierName(found.Name);
    }

    /// <summary>Finds what the host lends.</summary>
    internal static ExpressionSyntax? Context(SyntaxNode at, SemanticModel model) => Find(at, model, "Midstream.IModuleContext");

    internal static ExpressionSyntax Member(ExpressionSyntax of, string name) => SyntaxFactory.MemberAccessExpression(
        SyntaxKind.SimpleMemberAccessExpression, of, SyntaxFactory.IdentifierName(name));

    private static bool IsNamed(ITypeSymbol? type, string name) =>
        type?.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString() == name;

    private static ITypeSymbol? TypeOf(ISymbol symbol) => symbol switch
    {
        IParameterSymbol parameter => parameter.Type,
        ILocalSymbol local => local.Type,
        IFieldSymbol field => field.Type,
        IPropertySymbol property => property.Type,
        _ => null,
    };

    private static bool CanBeNamed(ISymbol symbol, SyntaxNode at, SemanticModel model) => symbol switch
    {
        IParameterSymbol => true,
        ILocalSymbol local => local.Locations[0].SourceSpan.End < at.SpanStart,
        _ => symbol.IsStatic || !(IsInitializer(at) || model.GetEnclosingSymbol(at.SpanStart) is { IsStatic: true }),
    };

    // An object's fields are not there yet while they are made.
    private static bool IsInitializer(SyntaxNode at) =>
        at.FirstAncestorOrSelf<MemberDeclarationSyntax>() is FieldDeclarationSyntax
            or PropertyDeclarationSyntax { Initializer: not null };
}
