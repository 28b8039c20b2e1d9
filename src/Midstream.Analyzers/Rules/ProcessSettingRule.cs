// Modules share their process: its settings are the host's.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM006.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ProcessSettingRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM006",
        "Setting of the whole process",
        "'{0}' changes the process for the host and every other module, and outlasts the generation: leave it to the host",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM006.md");

    /// <summary>Makes the rule.</summary>
    public ProcessSettingRule()
        : base(s_rule)
    {
    }

    private static readonly Dictionary<string, string[]> s_methods = new()
    {
        ["System.Environment"] = ["SetEnvironmentVariable"],
        ["System.IO.Directory"] = ["SetCurrentDirectory"],
        ["System.Console"] = ["SetOut", "SetError", "SetIn"],
        ["System.Threading.ThreadPool"] = ["SetMinThreads", "SetMaxThreads"],
        ["System.AppContext"] = ["SetSwitch", "SetData"],
        ["System.AppDomain"] = ["SetData"],
    };

    private static readonly Dictionary<string, string[]> s_properties = new()
    {
        ["System.Environment"] = ["CurrentDirectory"],
        ["System.Console"] = ["OutputEncoding", "InputEncoding"],
        ["System.Globalization.CultureInfo"] = ["DefaultThreadCurrentCulture", "DefaultThreadCurrentUICulture"],
        ["System.Runtime.GCSettings"] = ["LatencyMode", "LargeObjectHeapCompactionMode"],
        ["System.Diagnostics.Activity"] = ["DefaultIdFormat", "ForceDefaultIdFormat", "TraceIdGenerator"],
    };

    private protected override void Watch(CompilationStartAnalysisContext module)
    {
        module.RegisterOperationAction(
            context => Look(context, ((IInvocationOperation)context.Operation).TargetMethod, s_methods),
            OperationKind.Invocation);
        module.RegisterOperationAction(
            context => Look(context, (context.Operation as IAssignmentOperation)?.Target, s_properties),
            OperationKind.SimpleAssignment);
    }

    private void Look(OperationAnalysisContext context, IOperation? target, Dictionary<string, string[]> settings) =>
        Look(context, (target as IPropertyReferenceOperation)?.Property, settings);

    private void Look(OperationAnalysisContext context, ISymbol? member, Dictionary<string, string[]> settings)
    {
        if (member is not null && settings.Any(row => row.Value.Contains(member.Name) && member.ContainingType.Is(row.Key)))
            context.ReportDiagnostic(At(context.Operation.Syntax, $"{member.ContainingType.Name}.{member.Name}"));
    }
}
