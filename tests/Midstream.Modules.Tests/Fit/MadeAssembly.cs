// Assemblies made for a test: a contract in two versions, and a module that was built against one of them.

using System.Reflection;
using System.Reflection.Emit;

namespace Midstream.Modules.Tests.Fit;

internal static class MadeAssembly
{
    /// <summary>Writes a contract: a class with static methods that return nothing.</summary>
    /// <returns>The class, to build against.</returns>
    internal static Type WriteContract(string path, string name, string version, params (string Name, Type Parameter)[] methods)
    {
        var assembly = Begin(name, version);
        var type = assembly.DefineDynamicModule(name).DefineType($"{name}.Stock", TypeAttributes.Public);
        foreach (var (method, parameter) in methods)
        {
            type.DefineMethod(method, MethodAttributes.Public | MethodAttributes.Static, typeof(void), [parameter])
                .GetILGenerator().Emit(OpCodes.Ret);
        }

        var made = type.CreateType();
        assembly.Save(path);
        return made;
    }

    /// <summary>Writes a module that calls methods.</summary>
    internal static void WriteModule(string path, string name, params MethodInfo[] called)
    {
        var assembly = Begin(name, "1.0.0.0");
        var type = assembly.DefineDynamicModule(name).DefineType($"{name}.Module", TypeAttributes.Public);
        type.AddInterfaceImplementation(typeof(IModule));
        var code = type.DefineMethod("Work", MethodAttributes.Public | MethodAttributes.Static, typeof(void), [])
            .GetILGenerator();
        foreach (var method in called)
        {
            code.Emit(method.GetParameters()[0].ParameterType == typeof(string) ? OpCodes.Ldnull : OpCodes.Ldc_I4_0);
            code.Emit(OpCodes.Call, method);
        }

        code.Emit(OpCodes.Ret);
        type.CreateType();
        assembly.Save(path);
    }

    /// <summary>Writes a library: a class with a static field.</summary>
    internal static void WriteLibrary(string path, string name, Type field)
    {
        var assembly = Begin(name, "1.0.0.0");
        var type = assembly.DefineDynamicModule(name).DefineType($"{name}.Holder", TypeAttributes.Public);
        type.DefineField("Held", field, FieldAttributes.Public | FieldAttributes.Static);
        type.CreateType();
        assembly.Save(path);
    }

    private static PersistedAssemblyBuilder Begin(string name, string version) =>
        new(new AssemblyName(name) { Version = new Version(version) }, typeof(object).Assembly);
}
