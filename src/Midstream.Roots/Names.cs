using System.Diagnostics.CodeAnalysis;
using Microsoft.Diagnostics.Runtime;

namespace Midstream.Roots;

/// <summary>What people call things.</summary>
internal static class Names
{
    [return: NotNullIfNotNull(nameof(method))]
    public static string? Of(ClrMethod? method) => method is null ? null : $"{Of(method.Type)}.{method.Name}";

    public static string Of(ClrType? type) => type?.Name ?? "an unknown type";

    public static string Of(ClrHandleKind kind) => kind switch
    {
        ClrHandleKind.Strong => "strong",
        ClrHandleKind.Pinned => "pinned",
        ClrHandleKind.AsyncPinned => "pinned for an asynchronous call",
        ClrHandleKind.RefCounted => "reference-counted",
        _ => kind.ToString(),
    };

    public static string Of(ClrRootKind kind) => kind switch
    {
        ClrRootKind.FinalizerQueue => "Finalizer queue",
        ClrRootKind.ThreadStaticVar => "Thread-static field",
        ClrRootKind.StaticVar => "Static field",
        _ => kind.ToString(),
    };
}
