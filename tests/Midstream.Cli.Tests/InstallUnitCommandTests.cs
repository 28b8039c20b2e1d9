// `install-unit` whole, in a home of its own.

using System.CommandLine;
using Midstream.Cli.Commands;
using Midstream.Cli.Operating;

namespace Midstream.Cli.Tests;

public sealed class InstallUnitCommandTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("midstream-home-").FullName;
    private readonly string? _before = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME");

    public InstallUnitCommandTests() => Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", _home);

    private string Unit => Path.Combine(_home, "systemd", "user", "midstream-shop.service");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("XDG_CONFIG_HOME", _before);
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public void Print_OfAService_WritesTheUnitToTheOutputAlone()
    {
        var (code, output) = Invoke("--user", "--print", "--name", "shop", _home);

        Assert.Equal(0, code);
        Assert.Contains($"\"run\" \"{_home}\" \"--name\" \"shop\"", output, StringComparison.Ordinal);
        Assert.Contains("WantedBy=default.target\n", output, StringComparison.Ordinal);
        Assert.False(File.Exists(Unit));
    }

    [Fact]
    public void Install_ForAUser_WritesTheUnitAndMayWriteItAnew()
    {
        var (code, output) = Invoke("--user", "--name", "shop");
        var (again, _) = Invoke("--user", "--name", "shop", "--state", "/elsewhere");

        Assert.Equal((0, 0), (code, again));
        Assert.Contains("systemctl --user enable --now midstream-shop.service", output, StringComparison.Ordinal);
        Assert.Contains("MIDSTREAM_STATE=/elsewhere", File.ReadAllText(Unit), StringComparison.Ordinal);
    }

    [Fact]
    public void Install_OverAUnitOfSomebodyElse_LeavesItAlone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Unit)!);
        File.WriteAllText(Unit, "[Service]\n");

        var refused = Assert.Throws<CommandException>(() => Invoke("--user", "--name", "shop"));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("was left alone", refused.Message, StringComparison.Ordinal);
        Assert.Equal("[Service]\n", File.ReadAllText(Unit));
    }

    [Theory]
    [InlineData("leave --run-as out", "--user", "--run-as", "root")]
    [InlineData("There is no user 'no-such-user'", "--run-as", "no-such-user")]
    [InlineData("There is no folder /no/such/folder", "/no/such/folder")]
    [InlineData("/no/such/file cannot be read", "--config", "/no/such/file")]
    [InlineData("cannot name a service", "--name", "A B")]
    public void Install_OfWhatCannotBe_SaysWhyAndWritesNothing(string why, params string[] words)
    {
        var refused = Assert.Throws<CommandException>(() => Invoke([.. words, "--print"]));

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_home));
    }

    private static (int Code, string Output) Invoke(params string[] words)
    {
        using var console = new ConsoleCapture();
        var code = new RootCommand { InstallUnitCommand.Create() }.Parse(["install-unit", .. words])
            .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return (code, console.Output);
    }
}
