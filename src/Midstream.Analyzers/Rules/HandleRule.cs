// A handle is a root of the collector.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM017.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HandleRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM017",
        "Handle that nobody frees",
        "'{0}' keeps its object, and so this generation, in memory until it is freed: free it in StopAsync, or make it weak",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM017.md");

    /// <summary>Makes the rule.</summary>
    public HandleRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        IsStrong(call, method) && Ownership.IsNobodys(call, "Free") ? method.Shown() : null;

    private static bool IsStrong(IOperation call, IMethodSymbol method) => call switch
    {
        IInvocationOperation invocation => method.Is("System.Runtime.InteropServices.GCHandle", "Alloc")
            && !invocation.Arguments.Any(IsWeak),
        IObjectCreationOperation { Arguments.Length: > 0 } => method.ContainingType.IsAny(
            "System.Runtime.InteropServices.GCHandle", "System.Runtime.InteropServices.PinnedGCHandle"),
        _ => false,
    };

    // GCHandleType.Weak and WeakTrackResurrection are 0 and 1.
    private static bool IsWeak(IArgumentOperation argument) =>
        argument.Parameter!.Type.Is("System.Runtime.InteropServices.GCHandleType")
        && argument.Value.ConstantValue is { HasValue: true, Value: 0 or 1 };
}
