// The packages of tests/TestModules, as their build leaves them, and changed copies of them.

using Midstream.TestKit;

namespace Midstream.Modules.Tests.Scenes;

internal static class TestModule
{
    internal static string GreeterV1 { get; } = Built("GreeterV1");

    internal static string GreeterV2 { get; } = Built("GreeterV2");

    /// <summary>Finds what the build of a test module has left; the modules are built in the tests' own configuration.</summary>
    internal static string Built(string name)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Repository.Root, "tests", "TestModules", name, "bin", output.Parent!.Name, output.Name);
    }

    /// <summary>Copies a package into a test's folder, to be changed.</summary>
    internal static string Copy(string package, TemporaryFolder folder, string name)
    {
        var copy = folder.In(name);
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(package))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }

    /// <summary>Makes a package of the same code with other content, and so another id.</summary>
    internal static string Variant(string package, TemporaryFolder folder, string name)
    {
        var copy = Copy(package, folder, name);
        File.WriteAllText(Path.Combine(copy, "variant.txt"), name);
        return copy;
    }
}
