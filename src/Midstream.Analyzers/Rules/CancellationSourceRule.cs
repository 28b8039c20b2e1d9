// A source that is linked is held by what it is linked to, one with a time by its timer.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM008.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CancellationSourceRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM008",
        "Cancellation source that nobody disposes of",
        "'{0}' is held by the tokens or the timer behind it until it is disposed of, and holds this generation: dispose of it",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM008.md");

    /// <summary>Makes the rule.</summary>
    public CancellationSourceRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        IsHeld(method) && Ownership.IsNobodys(call) ? method.Shown() : null;

    private static bool IsHeld(IMethodSymbol method) =>
        method.Is(Source, "CreateLinkedTokenSource")
        || (method.IsConstructor() && method.Parameters.Length > 0 && method.ContainingType.Is(Source));

    private const string Source = "System.Threading.CancellationTokenSource";
}
