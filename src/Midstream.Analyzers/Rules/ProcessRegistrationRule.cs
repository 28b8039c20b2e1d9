// What listens to the whole process is held by the process.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM005.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ProcessRegistrationRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM005",
        "Registration with the process that nobody takes back",
        "'{0}' registers with the process, which keeps this generation in memory: {1}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM005.md");

    /// <summary>Makes the rule.</summary>
    public ProcessRegistrationRule()
        : base(s_rule)
    {
    }

    private const string Dispose = "dispose of it in StopAsync";
    private const string Host = "it cannot be taken back, so leave it to the host";

    private protected override void Watch(CompilationStartAnalysisContext module) =>
        module.RegisterOperationAction(Look, OperationKind.Invocation, OperationKind.ObjectCreation);

    private void Look(OperationAnalysisContext context)
    {
        var found = context.Operation switch
        {
            IInvocationOperation call => (call.TargetMethod, Cure: Cure(call)),
            IObjectCreationOperation { Constructor: { } constructor } creation => (constructor, Cure: Cure(creation)),
            _ => default,
        };
        if (found.Cure is { } cure)
            context.ReportDiagnostic(At(context.Operation.Syntax, found.Item1.Shown(), cure));
    }

    private static string? Cure(IObjectCreationOperation creation) =>
        IsListener(creation.Type) && Ownership.IsNobodys(creation) ? Dispose : null;

    private static bool IsListener(ITypeSymbol? type) =>
        type.Is("System.Diagnostics.Metrics.MeterListener") || type.IsOrDerivesFrom("System.Diagnostics.Tracing.EventListener");

    private static string? Cure(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (IsForGood(method))
            return call.Arguments.All(argument => IsOfTheFramework(argument.Value)) ? null : Host;
        if (method.Is("System.Diagnostics.ActivitySource", "AddActivityListener"))
            return Ownership.IsNobodysValue(call.Arguments[0].Value) ? Dispose : null;

        return IsTakenBackByDisposal(call, method) && Ownership.IsNobodys(call) ? Dispose : null;
    }

    private static bool IsForGood(IMethodSymbol method) =>
        method.Is("System.Text.Encoding", "RegisterProvider")
        || method.Is("Microsoft.Extensions.Logging.ILoggerFactory", "AddProvider")
        || method.Is("System.Data.Common.DbProviderFactories", "RegisterFactory");

    private static bool IsTakenBackByDisposal(IInvocationOperation call, IMethodSymbol method) =>
        method.Is("System.Runtime.InteropServices.PosixSignalRegistration", "Create")
        || (method.Name is "Subscribe" or "SubscribeWithAdapter" && IsDiagnosticSource(method, call));

    // DiagnosticListener.Subscribe, and IObservable<DiagnosticListener>.Subscribe on AllListeners.
    private static bool IsDiagnosticSource(IMethodSymbol method, IInvocationOperation call) =>
        new[] { method.ContainingType, call.Instance?.Type, call.Arguments.FirstOrDefault()?.Value.Type }
            .Any(type => type.Is(Listener) || IsObservableOfListeners(type));

    private static bool IsObservableOfListeners(ITypeSymbol? type) =>
        type.Is("System.IObservable") && ((INamedTypeSymbol)type!).TypeArguments.Any(one => one.Is(Listener));

    private const string Listener = "System.Diagnostics.DiagnosticListener";

    // A provider of the framework's own holds nothing of the module.
    private static bool IsOfTheFramework(IOperation value) =>
        (value is IConversionOperation converted ? converted.Operand : value).Type?.ContainingAssembly?.Name
            .StartsWith("System.", StringComparison.Ordinal) == true;
}
