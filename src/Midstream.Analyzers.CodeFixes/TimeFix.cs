// A periodic timer takes its time from where it is told to.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM001.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class TimeFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public TimeFix()
        : base("MSM001", "Use the module's time")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) =>
        found is BaseObjectCreationExpressionSyntax { ArgumentList: { Arguments.Count: 1 } arguments } creation
        && model.GetTypeInfo(creation).Type?.Name == "PeriodicTimer"
        && Reach.Context(found, model) is { } context
            ? (arguments, arguments.AddArguments(SyntaxFactory.Argument(Reach.Member(context, "Time"))))
            : null;
}
