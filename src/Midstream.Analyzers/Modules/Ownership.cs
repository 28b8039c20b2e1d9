// Whether somebody ends what a call has made. Where that cannot be seen it is believed: a warning that is wrong costs the next
// one its reader.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Midstream.Analyzers.Modules;

internal static class Ownership
{
    private static readonly string[] s_disposal = ["Dispose", "DisposeAsync"];

    /// <summary>Tells whether what a call made is left to nobody.</summary>
    /// <param name="made">The call.</param>
    /// <param name="endings">The methods that end it besides those of disposal, as <c>Free</c>.</param>
    /// <returns>True when its result is dropped, or kept by what never ends it.</returns>
    internal static bool IsNobodys(IOperation made, params string[] endings)
    {
        var value = Outermost(made);
        return value.Parent switch
        {
            IExpressionStatementOperation or IInvocationOperation => true,
            ISimpleAssignmentOperation { Target: IDiscardOperation } => true,
            ISimpleAssignmentOperation assignment when assignment.Value == value => Keeps(assignment.Target, endings),
            ICoalesceAssignmentOperation assignment => Keeps(assignment.Target, endings),
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } =>
                !IsUsing(declarator) && NeverEnds(declarator.Symbol, made, endings),
            IFieldInitializerOperation field => field.InitializedFields.All(one => NeverEnds(one, made, endings)),
            IPropertyInitializerOperation property => property.InitializedProperties.All(one => NeverEnds(one, made, endings)),
            _ => false,
        };
    }

    /// <summary>Tells whether what an expression stands for is left to nobody: a new object, or a field or variable.</summary>
    internal static bool IsNobodysValue(IOperation expression) => Unconverted(expression) switch
    {
        IObjectCreationOperation => true,
        var other => Keeps(other, []),
    };

    private static bool Keeps(IOperation target, string[] endings) => target switch
    {
        ILocalReferenceOperation local => !IsUsing(local.Local) && NeverEnds(local.Local, target, endings),
        IFieldReferenceOperation field => NeverEnds(field.Field, target, endings),
        IPropertyReferenceOperation property => NeverEnds(property.Property, target, endings),
        _ => false,
    };

    private static IOperation Outermost(IOperation made)
    {
        var value = made;
        while (value.Parent is IConversionOperation or IParenthesizedOperation or ICoalesceOperation)
            value = value.Parent;
        return value;
    }

    private static IOperation Unconverted(IOperation value)
    {
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        return value;
    }

    private static bool IsUsing(IVariableDeclaratorOperation declarator)
    {
        IOperation? parent = declarator;
        while (parent is IVariableDeclaratorOperation or IVariableDeclarationOperation or IVariableDeclarationGroupOperation)
            parent = parent.Parent;
        return parent is IUsingOperation or IUsingDeclarationOperation;
    }

    private static bool IsUsing(ILocalSymbol local) => local.IsUsing;

    // A variable is looked for in its method, a field or property in all parts of its type.
    private static bool NeverEnds(ISymbol keeper, IOperation at, string[] endings)
    {
        if (keeper.ContainingType?.Locations.Any(location => location.IsInSource) != true)
            return false;

        var scopes = keeper is ILocalSymbol ? keeper.ContainingSymbol : keeper.ContainingType;
        return !Scopes(scopes, keeper, at)
            .SelectMany(scope => scope.DescendantNodes())
            .OfType<IdentifierNameSyntax>()
            .Any(name => name.Identifier.ValueText == keeper.Name && Means(name, keeper, at) && EndsOrGivesAway(name, endings));
    }

    // The body of a top-level program has no declaration of its own.
    private static IEnumerable<SyntaxNode> Scopes(ISymbol scope, ISymbol keeper, IOperation at) =>
        scope.DeclaringSyntaxReferences.IsEmpty || keeper is ILocalSymbol && scope is not IMethodSymbol
            ? [at.Syntax.SyntaxTree.GetRoot()]
            : scope.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax());

    // The model knows one file; in the other parts of a type the name has to do.
    private static bool Means(IdentifierNameSyntax name, ISymbol keeper, IOperation at) =>
        at.SemanticModel is not { } model || model.SyntaxTree != name.SyntaxTree
        || SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol, keeper);

    private static bool EndsOrGivesAway(IdentifierNameSyntax name, string[] endings)
    {
        var use = Whole(name);
        return use.Parent switch
        {
            MemberAccessExpressionSyntax access when access.Expression == use => Ends(access.Name, endings),
            ConditionalAccessExpressionSyntax
            {
                WhenNotNull: InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax bound }
            } conditional => conditional.Expression == use && Ends(bound.Name, endings),
            AssignmentExpressionSyntax assignment => assignment.Right == use,
            ArgumentSyntax or UsingStatementSyntax or ReturnStatementSyntax or ArrowExpressionClauseSyntax
                or LambdaExpressionSyntax or EqualsValueClauseSyntax or ExpressionElementSyntax
                or InitializerExpressionSyntax => true,
            _ => false,
        };
    }

    private static bool Ends(SimpleNameSyntax name, string[] endings) =>
        s_disposal.Contains(name.Identifier.ValueText) || endings.Contains(name.Identifier.ValueText);

    // this.name, (name), name!
    private static ExpressionSyntax Whole(IdentifierNameSyntax name)
    {
        ExpressionSyntax whole = name;
        while (whole.Parent is ParenthesizedExpressionSyntax or PostfixUnaryExpressionSyntax
            || whole.Parent is MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax })
        {
            whole = (ExpressionSyntax)whole.Parent;
        }

        return whole;
    }
}
