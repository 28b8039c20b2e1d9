// A thread holds all that is on its stack, and a wait that the thread pool does holds its callback.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM002.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ThreadRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM002",
        "Thread that nobody ends",
        "'{0}' goes on after the generation and keeps it in memory: use IModuleContext.Run, whose work ends with the generation",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM002.md");

    /// <summary>Makes the rule.</summary>
    public ThreadRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        IsThread(method) && Ownership.IsNobodys(call, "Join", "Unregister") ? method.Shown() : null;

    private static bool IsThread(IMethodSymbol method) =>
        (method.IsConstructor() && method.ContainingType.Is("System.Threading.Thread"))
        || method.Is("System.Threading.ThreadPool", "RegisterWaitForSingleObject", "UnsafeRegisterWaitForSingleObject");
}
