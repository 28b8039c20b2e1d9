// A callback given to what the host owns is held by the host.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM009.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HostSubscriptionRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM009",
        "Callback that nobody takes back from the host",
        "'{0}' leaves a callback with the host, which keeps this generation in memory: dispose of what it returns",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM009.md");

    /// <summary>Makes the rule.</summary>
    public HostSubscriptionRule()
        : base(s_rule)
    {
    }

    private const string Lifetime = "Microsoft.Extensions.Hosting.IHostApplicationLifetime";

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        call is IInvocationOperation invocation && IsOfTheHost(invocation, method) && Ownership.IsNobodys(call, "Unregister")
            ? method.Shown()
            : null;

    private static bool IsOfTheHost(IInvocationOperation call, IMethodSymbol method) =>
        method.Is("Microsoft.Extensions.Primitives.ChangeToken", "OnChange")
        || method.Is("Microsoft.Extensions.Primitives.IChangeToken", "RegisterChangeCallback")
        || (method.Is("System.Threading.CancellationToken", "Register", "UnsafeRegister")
            && call.Instance is IPropertyReferenceOperation token && token.Property.ContainingType.Is(Lifetime));
}
