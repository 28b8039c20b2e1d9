// Without its generator, a minimal API is compiled at run time, and its caches keep the handler's types.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM012.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RequestDelegateRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM012",
        "Endpoint without the Request Delegate Generator",
        "'{0}' reads its handler by reflection, and caches keep its types: set EnableRequestDelegateGenerator in the project",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM012.md");

    /// <summary>Makes the rule.</summary>
    public RequestDelegateRule()
        : base(s_rule)
    {
    }

    private const string Generator = "EnableRequestDelegateGenerator";

    private protected override void Watch(CompilationStartAnalysisContext module)
    {
        // Null: the project does not show it, so nothing is known.
        var said = ModuleProject.Property(module.Options, Generator);
        if (said is not null && !said.Equals("true", StringComparison.OrdinalIgnoreCase))
            base.Watch(module);
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.ContainingType.Is("Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions")
        && method.Parameters.Any(parameter => parameter.Type.Is("System.Delegate"))
            ? method.Name
            : null;
}
