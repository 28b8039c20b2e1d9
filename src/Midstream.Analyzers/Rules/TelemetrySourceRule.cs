// Meters and activity sources are in lists of the process until they are disposed of.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM020.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TelemetrySourceRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM020",
        "Meter or activity source that nobody disposes of",
        "'{0}' stays in a list of the process, once for each generation: use IModuleContext.Meter, or dispose of it",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM020.md");

    /// <summary>Makes the rule.</summary>
    public TelemetrySourceRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.IsConstructor()
        && method.ContainingType.IsAny("System.Diagnostics.Metrics.Meter", "System.Diagnostics.ActivitySource")
        && Ownership.IsNobodys(call)
            ? method.Shown()
            : null;
}
