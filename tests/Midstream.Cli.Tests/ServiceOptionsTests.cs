// Which service a command means.

using System.CommandLine;
using Midstream.Cli.Operating;
using Midstream.Supervisor.State;

namespace Midstream.Cli.Tests;

public sealed class ServiceOptionsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("midstream-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Find_WithOneService_NeedsNoName()
    {
        Add("web");

        Assert.Equal(Path.Combine(_root, "web"), Find().Path);
    }

    [Fact]
    public void Find_WithSeveralServices_TakesTheOneNamed()
    {
        Add("web");
        Add("api");

        Assert.Equal(Path.Combine(_root, "api"), Find("--name", "api").Path);
        Assert.Equal(Path.Combine(_root, "web"), Find("-n", "web").Path);
    }

    [Fact]
    public void Find_WithSeveralServicesAndNoName_ListsThem()
    {
        Add("web");
        Add("api");

        var refused = Assert.Throws<CommandException>(() => Find());

        Assert.Equal(ExitCodes.Usage, refused.ExitCode);
        Assert.Contains("api, web", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_WithNoService_SaysHowToStartOne()
    {
        var refused = Assert.Throws<CommandException>(() => Find());

        Assert.Equal(ExitCodes.NoSupervisor, refused.ExitCode);
        Assert.Contains("midstream run FOLDER", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("../web")]
    public void Find_OfANameThatIsNotThere_ListsThoseThatAre(string name)
    {
        Add("web");

        var refused = Assert.Throws<CommandException>(() => Find("--name", name));

        Assert.Equal(ExitCodes.NoSupervisor, refused.ExitCode);
        Assert.Contains("there are: web", refused.Message, StringComparison.Ordinal);
    }

    private ServiceDirectory Find(params string[] arguments)
    {
        var service = new ServiceOptions();
        var command = new Command("any");
        service.AddTo(command);
        return service.Find(new RootCommand { command }.Parse(["any", "--state", _root, .. arguments]));
    }

    private void Add(string name)
    {
        Directory.CreateDirectory(Path.Combine(_root, name));
        ServiceState.Initial(name).Write(new ServiceDirectory(_root, name).StateFile);
    }
}
