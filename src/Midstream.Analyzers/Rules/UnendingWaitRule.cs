// A wait that no token ends holds its method until it is over.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Rules;

/// <summary>MSM007.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnendingWaitRule : CallRule
{
    private static readonly DiagnosticDescriptor s_rule = new(
        "MSM007",
        "Wait that the end of the generation does not end",
        "'{0}' waits on when the generation ends: hand it a token, as IModuleContext.Stopping or that of the request",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Pages + "MSM007.md");

    /// <summary>Makes the rule.</summary>
    public UnendingWaitRule()
        : base(s_rule)
    {
    }

    // Shorter ones are over before the generation has stopped.
    private const double LongMs = 1_000;

    private static readonly Dictionary<string, double> s_milliseconds = new()
    {
        ["FromMilliseconds"] = 1, ["FromSeconds"] = 1_000, ["FromMinutes"] = 60_000, ["FromHours"] = 3_600_000,
    };

    private protected override string? Find(IOperation call, IMethodSymbol method) =>
        call is IInvocationOperation invocation && IsWait(method) && !IsEnded(invocation) && !IsShort(invocation)
            ? method.Shown()
            : null;

    private static bool IsWait(IMethodSymbol method) =>
        method.Is("System.Threading.Tasks.Task", "Delay") || method.Is("System.Threading.PeriodicTimer", "WaitForNextTickAsync");

    // By a token, or by the module's time.
    private static bool IsEnded(IInvocationOperation call) => call.Arguments.Any(argument =>
        argument.Parameter!.Type.Is("System.TimeProvider")
        || (argument.Parameter.Type.Is(Token) && !IsNone(argument.Value)));

    private const string Token = "System.Threading.CancellationToken";

    private static bool IsNone(IOperation token) => token switch
    {
        IConversionOperation conversion => IsNone(conversion.Operand),
        IDefaultValueOperation or ILiteralOperation => true,
        IPropertyReferenceOperation { Property: { Name: "None", IsStatic: true } } => true,
        _ => false,
    };

    private static bool IsShort(IInvocationOperation call) =>
        call.Arguments.Length > 0 && Milliseconds(call.Arguments[0].Value) is { } length && length is >= 0 and <= LongMs;

    private static double? Milliseconds(IOperation wait) => wait switch
    {
        { ConstantValue: { HasValue: true, Value: IConvertible number } } => Number(number),
        IConversionOperation conversion => Milliseconds(conversion.Operand),
        IInvocationOperation { TargetMethod: var method } span when s_milliseconds.TryGetValue(method.Name, out var unit)
            && span.Arguments.Length > 0 => Milliseconds(span.Arguments[0].Value) * unit,
        _ => null,
    };

    private static double? Number(IConvertible number) =>
        number is string ? null : number.ToDouble(System.Globalization.CultureInfo.InvariantCulture);
}
