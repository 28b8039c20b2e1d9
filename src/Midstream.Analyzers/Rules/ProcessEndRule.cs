// The process is not the module's to end.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM018.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ProcessEndRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM018",
        "End of the whole process",
        "'{0}' ends the host and every other module: throw, and let the generation fail",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM018.md");

    /// <summary>Makes the rule.</summary>
    public ProcessEndRule()
        : base(s_rule)
    {
    }

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        method.Is("System.Environment", "Exit", "FailFast")
        || method.Is("Microsoft.Extensions.Hosting.IHostApplicationLifetime", "StopApplication")
        || (method.Is("System.Diagnostics.Process", "Kill", "CloseMainWindow") && IsOwnProcess(call))
            ? method.Shown()
            : null;

    private static bool IsOwnProcess(IOperation call) =>
        call is IInvocationOperation { Instance: IInvocationOperation { TargetMethod.Name: "GetCurrentProcess" } };
}
