// A timer that runs is held by the runtime, and holds its callback.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM001.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TimerRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM001",
        "Timer that nobody disposes of",
        "'{0}' goes on after the generation and keeps it in memory: take the timer from IModuleContext.Time, or dispose of it",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM001.md");

    /// <summary>Makes the rule.</summary>
    public TimerRule()
        : base(s_rule)
    {
    }

    private const string Time = "System.TimeProvider";

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        IsTimer(call, method) && Ownership.IsNobodys(call) ? method.Shown() : null;

    private static bool IsTimer(IOperation call, IMethodSymbol method) => call switch
    {
        IObjectCreationOperation creation =>
            method.ContainingType.IsAny("System.Threading.Timer", "System.Timers.Timer", "System.Threading.PeriodicTimer")
            && creation.Arguments.All(one => !one.Parameter!.Type.Is(Time) || IsOfTheProcess(one.Value)),
        IInvocationOperation invocation => method.Name == "CreateTimer" && method.ContainingType.Is(Time)
            && invocation.Instance is { } time && IsOfTheProcess(time),
        _ => false,
    };

    private static bool IsOfTheProcess(IOperation time) =>
        time is IPropertyReferenceOperation { Property: { Name: "System", IsStatic: true } };
}
