// Packages that cannot work in this host: each reason is named before anything is loaded.

using System.Reflection;
using Midstream.Core.Modules;
using Midstream.Modules.Tests.Scenes;

namespace Midstream.Modules.Tests.Fit;

public sealed class FitTests
{
    [Fact]
    public async Task Deploy_OfATruncatedAssembly_NamesTheFile()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        var package = TestModule.Copy(TestModule.GreeterV2, scene.Folder, "truncated");
        var assembly = Path.Combine(package, "Greeter.dll");
        await File.WriteAllBytesAsync(assembly, (await File.ReadAllBytesAsync(assembly))[..600]);

        await RefusedAsync(scene, package, FitProblemKind.Damaged, "Greeter.dll");
    }

    [Fact]
    public async Task Deploy_OfAPackageWithASecondContract_NamesBothFiles()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        var package = TestModule.Copy(TestModule.GreeterV2, scene.Folder, "doubled");
        File.Copy(typeof(IModule).Assembly.Location, Path.Combine(package, "Midstream.Abstractions.dll"));

        var problem = await RefusedAsync(scene, package, FitProblemKind.SecondCopy, "Midstream.Abstractions");

        Assert.Contains(typeof(IModule).Assembly.Location, problem.Explanation, StringComparison.Ordinal);
        Assert.Contains("/Midstream.Abstractions.dll, and the host", problem.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_OfAPackageBuiltForAnotherContract_NamesEachMissingAndChangedMember()
    {
        using var folder = new TestKit.TemporaryFolder();
        var (old, young) = (folder.In("Old.dll"), folder.In("Young.dll"));
        MadeAssembly.WriteContract(old, "Shared.Made", "1.0.0.0", ("Same", typeof(int)), ("Changed", typeof(int)));
        var built = MadeAssembly.WriteContract(
            young, "Shared.Made", "2.0.0.0", ("Same", typeof(int)), ("Changed", typeof(string)), ("Added", typeof(int)));
        await using var scene = await ModuleScene.StartAsync(options => options.Shared.Add(Assembly.LoadFrom(old)));
        await scene.DeployAsync(TestModule.GreeterV1);
        var package = Package(scene, "other", built.GetMethod("Same")!, built.GetMethod("Changed")!, built.GetMethod("Added")!);

        var result = await scene.Host.DeployAsync(package);

        Assert.Equal(SwapPhase.Verify, result.Phase);
        Assert.Equal(
            [
                (FitProblemKind.OlderAssembly, "Shared.Made 2.0.0.0"),
                (FitProblemKind.ChangedMember, "Shared.Made.Stock.Changed: System.Void (System.String)"),
                (FitProblemKind.MissingMember, "Shared.Made.Stock.Added: System.Void (System.Int32)"),
            ],
            result.Problems.Select(problem => (problem.Kind, problem.Subject)));
        Assert.Contains("it is System.Void (System.Int32) here", result.Reason, StringComparison.Ordinal);
        Assert.Equal("Hello you from 1.0.0", await scene.GetAsync("/greeter/hello/you"));
    }

    [Fact]
    public async Task Deploy_OfAPackageThatLacksALibrary_NamesIt()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        var absent = MadeAssembly.WriteContract(scene.Folder.In("Absent.dll"), "Absent.Made", "3.1.0.0", ("Use", typeof(int)));

        await RefusedAsync(
            scene, Package(scene, "lacking", absent.GetMethod("Use")!), FitProblemKind.MissingAssembly, "Absent.Made 3.1.0.0");
    }

    [Fact]
    public async Task Deploy_OfAnAssemblyWithoutAModule_SaysSo()
    {
        await using var scene = await ModuleScene.StartAsync();
        await scene.DeployAsync(TestModule.GreeterV1);
        var package = TestModule.Copy(TestModule.GreeterV2, scene.Folder, "empty");
        MadeAssembly.WriteContract(Path.Combine(package, "Greeter.dll"), "Greeter", "1.0.0.0");

        await RefusedAsync(scene, package, FitProblemKind.NoModule, "Greeter");
    }

    [Fact]
    public async Task Deploy_OfAFolderThatIsNoPackage_SaysSo()
    {
        await using var scene = await ModuleScene.StartAsync();

        var result = await scene.Host.DeployAsync(scene.Folder.Path);

        Assert.Equal((SwapOutcome.Abandoned, SwapPhase.Verify), (result.Outcome, result.Phase));
        Assert.Contains("has no module.json", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Overwrite_OfThePackageWhileItRuns_HarmsNothing()
    {
        await using var scene = await ModuleScene.StartAsync();
        var package = TestModule.Copy(TestModule.GreeterV1, scene.Folder, "overwritten");
        var deployed = await scene.DeployAsync(package);
        foreach (var file in Directory.EnumerateFiles(package))
            await File.WriteAllBytesAsync(file, [1, 2, 3]);
        var stored = Path.Combine(scene.Folder.In("data"), "packages", deployed.Package);
        File.SetUnixFileMode(stored, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Delete(Path.Combine(stored, "Greeter.dll"));

        Assert.Equal("Hello you from 1.0.0", await scene.GetAsync("/greeter/hello/you"));
        Assert.Equal("1", await scene.PostAsync("/greeter/count/1"));
        Assert.Equal("greeter 1.0.0 1 1.0.0", await scene.GetAsync("/greeter/who"));
    }

    private static string Package(ModuleScene scene, string name, params MethodInfo[] called)
    {
        var package = TestModule.Copy(TestModule.GreeterV2, scene.Folder, name);
        MadeAssembly.WriteModule(Path.Combine(package, "Greeter.dll"), "Greeter", called);
        return package;
    }

    private static async Task<FitProblem> RefusedAsync(ModuleScene scene, string package, FitProblemKind kind, string subject)
    {
        var result = await scene.Host.DeployAsync(package);

        Assert.Equal((SwapOutcome.Abandoned, SwapPhase.Verify), (result.Outcome, result.Phase));
        var problem = Assert.Single(result.Problems);
        Assert.Equal((kind, subject), (problem.Kind, problem.Subject));
        Assert.Equal("Hello you from 1.0.0", await scene.GetAsync("/greeter/hello/you"));
        return problem;
    }
}
