namespace Midstream.Releases.Tests;

public sealed class ApplicationEntryPointTests : IDisposable
{
    private const string Web10 =
        """
        { "runtimeOptions": { "tfm": "net10.0", "frameworks": [
            { "name": "Microsoft.NETCore.App", "version": "10.0.0" },
            { "name": "Microsoft.AspNetCore.App", "version": "10.0.0" } ] } }
        """;

    private const string Web11Preview =
        """
        /* written by hand */
        { "runtimeOptions": { "framework": { "name": "Microsoft.AspNetCore.App", "version": "11.0.0-preview.1" } } }
        """;

    private const string Web8 =
        """
        { "runtimeOptions": { "frameworks": [
            { "name": "Microsoft.NETCore.App", "version": "8.0.0" },
            { "name": "Microsoft.AspNetCore.App", "version": "8.0.11" } ] } }
        """;

    private const string Console10 =
        """{ "runtimeOptions": { "framework": { "name": "Microsoft.NETCore.App", "version": "10.0.0" } } }""";

    private const string SelfContained10 =
        """
        { "runtimeOptions": { "includedFrameworks": [
            { "name": "Microsoft.NETCore.App", "version": "10.0.1" },
            { "name": "Microsoft.AspNetCore.App", "version": "10.0.1" } ] } }
        """;

    private const string WebWithoutHooks = """
        { "runtimeOptions": {
            "framework": { "name": "Microsoft.AspNetCore.App", "version": "10.0.0" },
            "configProperties": { "System.StartupHookProvider.IsSupported": false } } }
        """;

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(Web10)]
    [InlineData(Web11Preview)]
    public void Find_WebApplication_StartsItsLibraryWithInjection(string config)
    {
        Publish("Shop", config);
        _folder.File("Shop", executable: true);
        _folder.File("Shop.runtimeconfig.dev.json", "{}");

        AssertFound(["dotnet", "Shop.dll"], reason: null);
    }

    [Theory]
    [InlineData(Web8, "Microsoft.AspNetCore.App 8.0.11")]
    [InlineData(WebWithoutHooks, "call AddMidstream()")]
    [InlineData(Console10, "it asks for Microsoft.NETCore.App 10.0.0")]
    [InlineData("""{ "runtimeOptions": {} }""", "it asks for no framework")]
    [InlineData("""{ "runtimeOptions": { "framework": { "name": "Microsoft.AspNetCore.App", "version": "" } } }""", "is needed")]
    public void Find_ApplicationTheHookDoesNotFit_SaysWhy(string config, string reason)
    {
        Publish("Shop", config);

        AssertFound(["dotnet", "Shop.dll"], reason);
    }

    [Fact]
    public void Find_SelfContainedApplication_StartsItsOwnExecutable()
    {
        Publish("Shop", SelfContained10);
        _folder.File("Shop", executable: true);
        _folder.File("createdump", executable: true);

        AssertFound(["./Shop"], reason: null);
    }

    [Fact]
    public void Find_ConfigurationWithoutLibrary_StartsTheExecutable()
    {
        _folder.File("Shop.runtimeconfig.json", Web10);
        _folder.File("Shop", executable: true);

        AssertFound(["./Shop"], reason: null);
    }

    [Fact]
    public void Find_SelfContainedApplicationThatIsNotExecutable_SaysHowToMakeIt()
    {
        Publish("Shop", SelfContained10);
        _folder.File("Shop");

        AssertRefused("chmod +x", "Shop' is not executable");
    }

    [Fact]
    public void Find_ConfigurationWithoutLibraryOrExecutable_SaysWhatIsMissing()
    {
        _folder.File("Shop.runtimeconfig.json", Web10);

        AssertRefused("'Shop.dll' or 'Shop'", "missing", "-- COMMAND");
    }

    [Fact]
    public void Find_TwoApplications_ListsThem()
    {
        Publish("Shop", Web10);
        Publish("Admin", Web10);

        AssertRefused("Admin, Shop", "-- COMMAND");
    }

    [Fact]
    public void Find_NoConfigurationAndOneExecutable_StartsIt()
    {
        _folder.File("server", executable: true);
        _folder.File("readme.txt");
        _folder.File("libserver.so", executable: true);
        _folder.File("libserver.so.2", executable: true);
        _folder.File("server.dbg", executable: true);
        _folder.File("tools/other", executable: true);
        _folder.Link("current", "server");

        AssertFound(["./server"], reason: null);
    }

    [Fact]
    public void Find_NoConfigurationAndTwoExecutables_ListsThem()
    {
        _folder.File("server", executable: true);
        _folder.File("migrate", executable: true);

        AssertRefused("migrate, server", "-- COMMAND");
    }

    [Fact]
    public void Find_NoProgram_SaysWhatWasLookedFor()
    {
        _folder.File("readme.txt");

        AssertRefused("'*.runtimeconfig.json'", "executable file", "-- COMMAND");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    public void Find_DamagedConfiguration_IsRefusedUnlessThereIsACommand(string config)
    {
        Publish("Shop", config);

        AssertRefused("Shop.runtimeconfig.json' is not a runtime configuration");
        AssertFound(["dotnet", "Shop.dll"], "cannot be read as a runtime configuration", "dotnet", "Shop.dll");
    }

    [Fact]
    public void Find_NoSuchFolder_IsRefused()
    {
        var error = Assert.Throws<EntryPointException>(() => ApplicationEntryPoint.Find(_folder.At("nowhere"), null));

        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_Command_IsUsedAsItIs()
    {
        Publish("Shop", Web10);

        AssertFound(["python3", "-m", "shop"], null, "python3", "-m", "shop");
    }

    [Fact]
    public void Find_CommandNamingOneOfSeveralApplications_IsJudgedByThatOne()
    {
        Publish("Shop", Web10);
        Publish("Report", Console10);

        AssertFound(["dotnet", "./Shop.dll", "--fast"], null, "dotnet", "./Shop.dll", "--fast");
        AssertFound(["./Report"], "'Report.runtimeconfig.json'", "./Report");
        AssertFound(["./start.sh"], "'Report.runtimeconfig.json'", "./start.sh"); // It may start either.
    }

    [Fact]
    public void Find_CommandAndNoConfiguration_MayBeInjected() => AssertFound(["./start.sh"], null, "./start.sh");

    private void Publish(string name, string config)
    {
        _folder.File(name + ".runtimeconfig.json", config);
        _folder.File(name + ".dll");
    }

    private void AssertFound(string[] expected, string? reason, params string[] command)
    {
        var found = ApplicationEntryPoint.Find(_folder.Path, command);

        Assert.Equal(expected, found.Command);
        Assert.Equal(reason is null, found.Injection.IsPossible);
        if (reason is null)
            Assert.Null(found.Injection.Reason);
        else
            Assert.Contains(reason, found.Injection.Reason, StringComparison.Ordinal);
    }

    private void AssertRefused(params string[] said)
    {
        var error = Assert.Throws<EntryPointException>(() => ApplicationEntryPoint.Find(_folder.Path, null));
        Assert.All(said, words => Assert.Contains(words, error.Message, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();
}
