// What is asynchronous returns a task; who calls it can then wait.

using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace Midstream.Analyzers.CodeFixes;

/// <summary>Cures MSM021.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class TaskFix : RuleFix
{
    /// <summary>Makes the fix.</summary>
    public TaskFix()
        : base("MSM021", "Return a task")
    {
    }

    private protected override (SyntaxNode Old, SyntaxNode New)? Cure(SyntaxNode found, SemanticModel model) => found switch
    {
        MethodDeclarationSyntax method => (method.ReturnType, Task()),
        LocalFunctionStatementSyntax local => (local.ReturnType, Task()),
        _ => null,
    };

    private static TypeSyntax Task() => Microsoft.CodeAnalysis.CSharp.SyntaxFactory.ParseTypeName("System.Threading.Tasks.Task")
        .WithAdditionalAnnotations(Simplifier.Annotation);
}
