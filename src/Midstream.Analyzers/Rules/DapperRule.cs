// Dapper keeps the readers it has compiled, with the types they make.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM014.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DapperRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM014",
        "Use of Dapper",
        "'{0}' keeps the module's types in Dapper's caches: carry Dapper in the package, or read rows with a DbDataReader",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM014.md");

    /// <summary>Makes the rule.</summary>
    public DapperRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.ContainingAssembly?.Name == "Dapper" && method.ContainingType.Is("Dapper.SqlMapper") ? method.Shown() : null;
}
