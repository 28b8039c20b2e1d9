// Work whose task is dropped is unknown to the generation, which ends without waiting for it.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM003.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnawaitedWorkRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM003",
        "Work that nobody waits for",
        "'{0}' goes on after the generation, and what it throws is lost: await it, or use IModuleContext.Run",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM003.md");

    /// <summary>Makes the rule.</summary>
    public UnawaitedWorkRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        IsWork(method) && IsDropped(call) ? method.Shown() : null;

    private static bool IsWork(IMethodSymbol method) =>
        !method.IsConstructor() && method.ReturnType.IsTask()
        || method.Is("System.Threading.ThreadPool", "QueueUserWorkItem", "UnsafeQueueUserWorkItem");

    private static bool IsDropped(IOperation call) =>
        call.Parent is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation };
}
