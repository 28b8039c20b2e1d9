// Each generation has static fields of its own, and begins with them empty.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;
using System.Collections.Concurrent;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM023.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StaticStateRule : ModuleRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM023",
        "State in a static field",
        "'{0}' is lost at a swap, each generation having its own: keep it in a StateDictionary if it has to go on",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Pages + "MSM023.md",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    /// <summary>Makes the rule.</summary>
    public StaticStateRule()
        : base(s_rule)
    {
    }

    private static readonly string[] s_changes =
    [
        "Add", "TryAdd", "AddOrUpdate", "GetOrAdd", "AddRange", "Remove", "TryRemove", "TryUpdate", "Clear", "Enqueue",
        "TryDequeue", "Dequeue", "Push", "Pop", "TryPop", "Insert", "set_Item",
    ];

    private protected override void Watch(CompilationStartAnalysisContext module)
    {
        var changed = new ConcurrentDictionary<ISymbol, byte>(SymbolEqualityComparer.Default);
        module.RegisterOperationAction(
            context => Note(context, changed), OperationKind.FieldReference);
        module.RegisterCompilationEndAction(context =>
        {
            foreach (var field in changed.Keys)
                context.ReportDiagnostic(At(field, field.Name));
        });
    }

    private static void Note(OperationAnalysisContext context, ConcurrentDictionary<ISymbol, byte> changed)
    {
        var reference = (IFieldReferenceOperation)context.Operation;
        if (IsState(reference.Field, context) && (IsWritten(reference) || IsChangedInside(reference)))
            changed.TryAdd(reference.Field, 0);
    }

    private static bool IsState(IFieldSymbol field, OperationAnalysisContext context) =>
        field.IsStatic && !field.IsConst && !field.IsImplicitlyDeclared
        && SymbolEqualityComparer.Default.Equals(field.ContainingAssembly, context.Compilation.Assembly)
        && context.ContainingSymbol is not IMethodSymbol { MethodKind: MethodKind.StaticConstructor }
        && !field.GetAttributes().Any(one => one.AttributeClass.Is("System.ThreadStaticAttribute"));

    private static bool IsWritten(IOperation reference) => reference.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == reference,
        IIncrementOrDecrementOperation => true,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
        _ => false,
    };

    private static bool IsChangedInside(IOperation reference) => reference.Parent switch
    {
        IInvocationOperation call =>
            call.Instance == reference && IsCollection(reference.Type) && s_changes.Contains(call.TargetMethod.Name),
        IPropertyReferenceOperation { Property.IsIndexer: true } item => item.Instance == reference && IsWritten(item),
        IArrayElementReferenceOperation item => item.ArrayReference == reference && IsWritten(item),
        _ => false,
    };

    private static bool IsCollection(ITypeSymbol? type) =>
        type?.ContainingNamespace.ToDisplayString() is "System.Collections.Generic" or "System.Collections.Concurrent";
}
