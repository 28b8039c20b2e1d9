// What all fixes have in common: one rule each, one piece of the file put in the place of another.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Formatting;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures what one rule finds, where the cure is mechanical.</summary>
public abstract class RuleFix : CodeFixProvider
{
    private readonly string _rule;
    private readonly string _title;

    private protected RuleFix(string rule, string title)
    {
        _rule = rule;
        _title = title;
    }

    /// <summary>Gets the rule.</summary>
    public sealed override ImmutableArray<string> FixableDiagnosticIds => [_rule];

    /// <summary>Gets what cures a whole project at once.</summary>
    /// <returns>The provider.</returns>
    public sealed override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <summary>Offers the cure.</summary>
    /// <param name="context">What was found, and where.</param>
    /// <returns>A task that ends when it has been offered.</returns>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var document = context.Document;
        if (await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model
            || Cure(root.FindNode(context.Span, getInnermostNodeForTie: true), model) is not { } cure)
        {
            return;
        }

        var cured = root.ReplaceNode(cure.Old, cure.New.WithTriviaFrom(cure.Old).WithAdditionalAnnotations(Formatter.Annotation));
        context.RegisterCodeFix(
            CodeAction.Create(_title, _ => Task.FromResult(document.WithSyntaxRoot(cured)), _rule), context.Diagnostics);
    }

    /// <summary>Finds the cure.</summary>
    /// <param name="found">Where the rule has found something.</param>
    /// <param name="model">What the file means.</param>
    /// <returns>What to replace, and by what; null where there is no mechanical cure.</returns>
    private protected abstract (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model);
}
