// The serialiser keeps what it has found out about a type by reflection, in caches of the process.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM011.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReflectionJsonRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM011",
        "JSON by reflection",
        "'{0}' reads types by reflection, and caches keep them in memory: hand it the JsonTypeInfo of a JsonSerializerContext",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM011.md");

    /// <summary>Makes the rule.</summary>
    public ReflectionJsonRule()
        : base(s_rule)
    {
    }

    private static readonly string[] s_types =
    [
        "System.Text.Json.JsonSerializer", "System.Text.Json.Nodes.JsonNode", "System.Text.Json.Nodes.JsonValue",
        "System.Text.Json.Nodes.JsonArray", "System.Net.Http.Json.JsonContent", "System.Net.Http.Json.HttpClientJsonExtensions",
        "System.Net.Http.Json.HttpContentJsonExtensions", "Microsoft.AspNetCore.Http.HttpRequestJsonExtensions",
        "Microsoft.AspNetCore.Http.HttpResponseJsonExtensions", "Microsoft.AspNetCore.Http.Results",
        "Microsoft.AspNetCore.Http.TypedResults",
    ];

    private const string Mark = "System.Diagnostics.CodeAnalysis.RequiresUnreferencedCodeAttribute";

    // The framework marks the overloads that reflect: it is what trimming would break.
    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.ContainingType.IsAny(s_types) && method.GetAttributes().Any(one => one.AttributeClass.Is(Mark))
            ? method.Shown()
            : null;
}
