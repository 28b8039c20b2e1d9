// The component model describes types in tables of the process.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM015.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TypeDescriptorRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM015",
        "Type description of the component model",
        "'{0}' keeps the types it describes in tables of the process: check or convert by code of your own",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM015.md");

    /// <summary>Makes the rule.</summary>
    public TypeDescriptorRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.IsStatic && method.ContainingType.IsAny(
            "System.ComponentModel.TypeDescriptor", "System.ComponentModel.DataAnnotations.Validator")
            ? method.Shown()
            : null;
}
