// A project of a module as a compiler sees it: what the framework has, the contract, and two libraries that modules like to use.

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Midstream.Analyzers.Modules;

namespace Midstream.Analyzers.Tests;

internal static class ModuleCode
{
    private const string Usings = """
        global using System;
        global using System.Collections.Concurrent;
        global using System.Collections.Generic;
        global using System.ComponentModel;
        global using System.ComponentModel.DataAnnotations;
        global using System.Data.Common;
        global using System.Diagnostics;
        global using System.Diagnostics.Metrics;
        global using System.Globalization;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Reflection;
        global using System.Runtime.InteropServices;
        global using System.Runtime.Serialization;
        global using System.Text.Json;
        global using System.Text.Json.Serialization.Metadata;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Microsoft.Extensions.Logging.Abstractions;
        global using Microsoft.Extensions.Primitives;
        global using Midstream;
        """;

    /// <summary>Gets every rule there is.</summary>
    internal static ImmutableArray<DiagnosticAnalyzer> Rules { get; } =
    [
        .. typeof(ModuleRule).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(ModuleRule)))
            .Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    internal static CSharpParseOptions Language { get; } = new(LanguageVersion.Preview);

    internal static CSharpCompilationOptions Options { get; } =
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);

    internal static ImmutableArray<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(File.Exists)
            .Select(path => MetadataReference.CreateFromFile(path)),
        Library("Newtonsoft.Json", """
            namespace Newtonsoft.Json;
            public static class JsonConvert { public static string SerializeObject(object value) => ""; }
            """),
        Library("Dapper", """
            namespace Dapper;
            public static class SqlMapper
            {
                public static System.Collections.Generic.IEnumerable<T> Query<T>(
                    System.Data.IDbConnection connection, string sql) => [];
            }
            """),
    ];

    /// <summary>Puts members into a module; a text that has one is left alone.</summary>
    internal static string In(string members) => members.Contains(": IModule", StringComparison.Ordinal)
        ? members
        : $"public sealed class Pricing : IModule\n{{\n{members}\n}}\n";

    internal static CSharpCompilation Compile(string code) => CSharpCompilation.Create(
        "Module",
        [CSharpSyntaxTree.ParseText(Usings, Language), CSharpSyntaxTree.ParseText(code, Language, "Module.cs")],
        References,
        Options);

    /// <summary>Runs every rule over a module's code, which has to compile.</summary>
    internal static async Task<IReadOnlyList<Diagnostic>> FindAsync(string code, params (string Name, string Value)[] properties)
    {
        var compilation = Compile(code);
        Assert.Empty(compilation.GetDiagnostics().Where(one => one.Severity == DiagnosticSeverity.Error));

        var options = new AnalyzerOptions([], new ProjectProperties(properties));
        return await compilation.WithAnalyzers(Rules, options).GetAnalyzerDiagnosticsAsync();
    }

    private static PortableExecutableReference Library(string name, string code)
    {
        using var image = new MemoryStream();
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':').Where(File.Exists)
            .Select(path => MetadataReference.CreateFromFile(path));
        var result = CSharpCompilation.Create(name, [CSharpSyntaxTree.ParseText(code, Language)], platform, Options).Emit(image);
        Assert.True(result.Success);
        return MetadataReference.CreateFromImage(image.ToArray());
    }
}
