// A proxy is a type that is made at run time, and all of them are kept.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM016.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DispatchProxyRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM016",
        "Proxy made at run time",
        "'{0}' makes a type that keeps the module's in memory for ever: write the decorator, or generate it when building",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM016.md");

    /// <summary>Makes the rule.</summary>
    public DispatchProxyRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.Is("System.Reflection.DispatchProxy", "Create") ? method.Shown() : null;
}
