// These serialisers generate code for each type and keep it, and the type, for ever.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM013.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ReflectionSerializerRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM013",
        "Serialiser that keeps the types it has seen",
        "'{0}' keeps the module's types in memory for ever: use System.Text.Json with a JsonSerializerContext",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM013.md");

    /// <summary>Makes the rule.</summary>
    public ReflectionSerializerRule()
        : base(s_rule)
    {
    }

    private static readonly string[] s_created =
    [
        "System.Xml.Serialization.XmlSerializer", "System.Runtime.Serialization.DataContractSerializer",
        "System.Runtime.Serialization.Json.DataContractJsonSerializer",
    ];

    // Of Newtonsoft.Json, what takes a type: reading and writing tokens keeps nothing.
    private static readonly string[] s_verbs = ["Serialize", "Deserialize", "Populate", "FromObject", "ToObject"];

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        (method.IsConstructor() ? method.ContainingType.IsAny(s_created) : IsNewtonsoft(method)) ? method.Shown() : null;

    private static bool IsNewtonsoft(IMethodSymbol method) =>
        method.ContainingAssembly?.Name == "Newtonsoft.Json"
        && s_verbs.Any(verb => method.Name.StartsWith(verb, StringComparison.Ordinal));
}
