// Clients of one's own keep connections, and those of the factory timers, beyond the generation.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM019.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HttpClientRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM019",
        "HTTP client that does not end with the generation",
        "'{0}' keeps connections or timers beyond the generation: use IModuleContext.CreateHttpClient",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM019.md");

    /// <summary>Makes the rule.</summary>
    public HttpClientRule()
        : base(s_rule)
    {
    }

    private const string LifetimeMethod = "SetHandlerLifetime";

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        (method.IsConstructor() && method.ContainingType.Is("System.Net.Http.HttpClient")) || IsFactory(call, method)
            ? method.Shown()
            : null;

    private static bool IsFactory(IOperation call, IMethodSymbol method) =>
        method.Is("Microsoft.Extensions.DependencyInjection.HttpClientFactoryServiceCollectionExtensions", "AddHttpClient")
        && !HasEndlessHandlers(call);

    // The factory's timers are what stays; SetHandlerLifetime(Timeout.InfiniteTimeSpan), further along the chain, starts none.
    private static bool HasEndlessHandlers(IOperation call)
    {
        var next = call.Parent;
        while (next is IArgumentOperation or IConversionOperation
            or IInvocationOperation { TargetMethod.Name: not LifetimeMethod })
        {
            next = next.Parent;
        }

        return next is IInvocationOperation;
    }
}
