// Instruments are the same on any meter.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM020.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class MeterFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public MeterFix()
        : base("MSM020", "Use the meter that the host lends")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found is BaseObjectCreationExpressionSyntax creation
        && model.GetTypeInfo(creation).Type?.Name == "Meter"
        && Reach.Context(found, model) is { } context
            ? (found, Reach.Member(context, "Meter"))
            : null;
}
